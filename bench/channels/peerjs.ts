import { type DataConnection, Peer } from 'peerjs'
import { messagesOf, roomIn, type Transport, valuesOf } from './transport.ts'

/** PeerJS's DataConnection: reliable, with its default serialization. */
export const peerjs: Transport = {
  async send({ channels, receivers, port }) {
    const peer = await enter(port, 'sender')
    const connections = await Promise.all(Array.from({ length: receivers }, (_, i) => open(peer, `receiver-${i}`)))
    const dataChannels = connections.map(({ dataChannel }) => dataChannel)
    return {
      push(block) {
        for (const message of messagesOf(block, channels)) {
          for (const connection of connections) connection.send(message)
        }
      },
      room: () => roomIn(dataChannels),
    }
  },
  async receive({ format, port }, receiver, take) {
    const peer = await enter(port, `receiver-${receiver}`)
    peer.on('connection', (connection) => {
      connection.on('data', (data) => take(valuesOf(format, data as ArrayBuffer)))
    })
  },
}

function enter(port: number, id: string): Promise<Peer> {
  return new Promise((resolve, reject) => {
    const peer = new Peer(id, { host: '127.0.0.1', port, path: '/', config: { iceServers: [] } })
    peer.on('open', () => resolve(peer))
    peer.on('error', reject)
  })
}

function open(peer: Peer, id: string): Promise<DataConnection> {
  return new Promise((resolve, reject) => {
    const connection = peer.connect(id, { reliable: true })
    connection.on('open', () => resolve(connection))
    connection.on('error', reject)
  })
}
