/** The minimum with `ws` on Node: it accepts connections and does nothing else. `node bare-node.ts PORT`. */
import process from 'node:process'
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ port: Number(process.argv[2]), host: '0.0.0.0' })
let last = 0
server.on('connection', (socket) => {
  const address = Buffer.alloc(4)
  address.writeUInt32BE(++last)
  socket.send(address)
})
