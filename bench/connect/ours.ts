import { connect, type Membership } from 'datastreams-webrtc/peer'
import { run } from './app.ts'

/** Joins while the session connects, as docs/streams.md shows: one message and one answer for both. */
const enter = (port: number, mark: (step: string) => void): Promise<Membership> => {
  const connecting = connect(`ws://127.0.0.1:${port}/signal`)
  // If it cannot connect, `join` rejects too.
  connecting.then(
    () => mark('server'),
    () => {},
  )
  return connecting.join('lab', { create: true })
}

run({
  async publish(port) {
    const room = await enter(port, () => {})
    const channels = Array.from({ length: 8 }, (_, i) => ({ label: `EEG ${i + 1}`, unit: 'µV', type: 'EEG' }))
    const publication = room.publish({ name: 'EEG', format: 'float32', nominalRate: 250, channels })
    return (sample) => publication.push(sample)
  },
  async receive(port, mark) {
    const room = await enter(port, mark)
    mark('room')
    return await new Promise((resolve) => {
      room.addEventListener('peer', ({ detail: peer }) => {
        peer.addEventListener('connect', () => mark('link'))
        peer.addEventListener('stream', async ({ detail: stream }) => {
          mark('stream')
          for await (const chunk of stream) return resolve(chunk.data as ArrayLike<number>)
        })
      })
    })
  },
})
