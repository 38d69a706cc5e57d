/**
 * The limit for relays with `ws`, on Node or Deno: as bare-relay.ts, it replaces the destination by the origin.
 * `node bare-relay-ws.ts PORT`.
 */
import { createServer } from 'node:http'
import process from 'node:process'
import { type WebSocket, WebSocketServer } from 'ws'

const clients = new Map<number, WebSocket>()
let last = 0

const server = createServer((_, response) => response.end('ready')).listen(Number(process.argv[2]), '0.0.0.0')
new WebSocketServer({ server }).on('connection', (socket) => {
  const own = ++last
  clients.set(own, socket)
  socket.on('message', (data: Buffer) => {
    const to = clients.get(data.readUInt32BE(0))
    data.writeUInt32BE(own)
    to?.send(data)
  })
  socket.on('close', () => clients.delete(own))
  // A close follows.
  socket.on('error', () => {})
  const greeting = Buffer.alloc(4)
  greeting.writeUInt32BE(own)
  socket.send(greeting)
})
