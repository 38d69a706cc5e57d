/** A host as datastreams-api's own server was: JSON over a bare WebSocket server, the auth in the subprotocol. */
import { type AddressInfo, WebSocketServer } from 'ws'
import { SignalError, WebRTCService } from '../mod.ts'

const service = new WebRTCService({ codec: 'json' })
const server = new WebSocketServer({ port: 0, host: 'localhost', maxPayload: 262_144 })

server.on('connection', (ws) => {
  service.addUser(ws, ws.protocol)
  ws.on('message', (data: Buffer) => {
    service.onmessage(data, ws).catch((cause) => {
      // A refusal has been answered; anything else is a fault.
      if (!(cause instanceof SignalError)) throw cause
    })
  })
  ws.on('close', () => service.removeUser(ws))
})
server.on('listening', () => {
  console.log(`listening on http://localhost:${(server.address() as AddressInfo).port}/`)
})
