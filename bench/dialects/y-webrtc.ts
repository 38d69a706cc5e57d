import type { Signal } from '../shared/signals.ts'
import type { Speaker } from './speaker.ts'

/** All clients in a room subscribe to one topic. Each receives every message of the topic, including its own. */
export function yWebrtc(): Speaker {
  const id: string = crypto.randomUUID()
  let topic = ''
  return {
    path: '/',
    protocols: [],
    greet: async () => {},
    async enter(wire, room) {
      topic = room
      wire.send(JSON.stringify({ type: 'subscribe', topics: [room] }))
      // The server does not answer `subscribe`. It reads messages in order, so the answer to `ping` confirms it.
      wire.send(JSON.stringify({ type: 'ping' }))
      await wire.next()
      return id
    },
    encode: (to, signal) =>
      JSON.stringify({
        type: 'publish',
        topic,
        data: { to, from: id, type: 'signal', token: 1_700_000_000_000, signal },
      }),
    decode(data) {
      const { type, data: message } = JSON.parse(data as string)
      return type === 'publish' ? (message.signal as Signal) : undefined
    },
  }
}
