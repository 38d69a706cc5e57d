/** A host like datastreams-api's own server: JSON over a plain WebSocket server, with `auth` in the subprotocol. */
import { type AddressInfo, WebSocketServer } from 'ws'
import { SignalError, WebRTCService } from '../mod.ts'

const service = new WebRTCService({ codec: 'json' })
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 262_144 })

server.on('connection', (ws) => {
  service.addUser(ws, ws.protocol)
  ws.on('message', (data: Buffer) => {
    service.onmessage(data, ws).catch((cause) => {
      // The sender already received the answer to a SignalError. Any other error is a bug.
      if (!(cause instanceof SignalError)) throw cause
    })
  })
  ws.on('close', () => service.removeUser(ws))
})
server.on('listening', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
})
