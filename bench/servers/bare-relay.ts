/**
 * The limit: a WebSocket server on Bun that knows no rooms and reads nothing but four bytes, the destination, over which
 * it writes the origin. `bun bare-relay.ts PORT`.
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
      // As ours has them: a Buffer, and the ArrayBuffer of either, cost more to make.
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
