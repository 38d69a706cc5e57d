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

const bytesOf = (address: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, address)
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
      clients.set(ws.data.address, ws)
      ws.send(bytesOf(ws.data.address))
    },
    message(ws, message) {
      const { buffer, byteOffset } = message as Uint8Array<ArrayBuffer>
      const header = new DataView(buffer, byteOffset, 4)
      const to = clients.get(header.getUint32(0))
      header.setUint32(0, ws.data.address)
      to?.send(message)
    },
    close: (ws) => void clients.delete(ws.data.address),
  },
})
