/**
 * The limit for relays: a WebSocket server on Bun without rooms. It reads only the four bytes of the destination, and
 * overwrites them with the origin. `bun bare-relay.ts PORT`.
 */
import process from 'node:process'

interface Client {
  address: number
}

const clients = new Map<number, Bun.ServerWebSocket<Client>>()
let last = 0

function readAddress(bytes: Uint8Array): number {
  let address = 0
  for (let i = 0; i < 4; i++) address = address * 256 + (bytes[i] as number)
  return address
}

function writeAddress(bytes: Uint8Array, address: number): Uint8Array {
  for (let i = 0; i < 4; i++) bytes[i] = address >>> (24 - 8 * i)
  return bytes
}

Bun.serve<Client>({
  port: Number(process.argv[2]),
  hostname: '0.0.0.0',
  fetch(request, server) {
    if (server.upgrade(request, { data: { address: ++last } })) return undefined
    return new Response('ready')
  },
  websocket: {
    open(ws) {
      // The same type as our server uses. A Buffer or an ArrayBuffer would cost more to create.
      ws.binaryType = 'uint8array'
      clients.set(ws.data.address, ws)
      ws.send(writeAddress(new Uint8Array(4), ws.data.address))
    },
    message(ws, message) {
      const bytes = message as Uint8Array
      const to = clients.get(readAddress(bytes))
      writeAddress(bytes, ws.data.address)
      to?.send(bytes)
    },
    close: (ws) => void clients.delete(ws.data.address),
  },
})
