import { type DataConnection, Peer } from 'peerjs'
import { run } from './app.ts'

/** With an id of the page's own, as asking the server for one would take PeerJS another round trip. */
const enter = (port: number, id: string): Promise<Peer> => {
  return new Promise((resolve, reject) => {
    const peer = new Peer(id, { host: '127.0.0.1', port, path: '/', config: { iceServers: [] } })
    peer.on('open', () => resolve(peer))
    peer.on('error', reject)
  })
}

run({
  async publish(port) {
    const peer = await enter(port, 'publisher')
    const connections: DataConnection[] = []
    peer.on('connection', (connection) => connection.on('open', () => connections.push(connection)))
    return (sample) => {
      for (const connection of connections) connection.send(sample)
    }
  },
  async receive(port, mark) {
    const peer = await enter(port, crypto.randomUUID())
    mark('server')
    const connection = peer.connect('publisher', { reliable: true })
    connection.on('open', () => mark('link'))
    return await new Promise((resolve, reject) => {
      peer.on('error', reject)
      // What was sent as a typed array comes as bytes.
      connection.on('data', (data) => resolve(new Float32Array(data as ArrayBuffer)))
    })
  },
})
