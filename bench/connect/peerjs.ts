import { type DataConnection, Peer } from 'peerjs'
import { run } from './app.ts'

/** Uses an id of the page's choice: requesting one from the server would cost PeerJS another round trip. */
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
      // PeerJS delivers a typed array as an ArrayBuffer.
      connection.on('data', (data) => resolve(new Float32Array(data as ArrayBuffer)))
    })
  },
})
