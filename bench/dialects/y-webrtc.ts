import type { Signal } from '../shared/signals.ts'
import type { Speaker } from './speaker.ts'

/** All in a room subscribe to one topic, and each gets whatever is published there, its own messages too. */
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
      // There is no answer; messages of one connection are read in order, so the one to this has seen it.
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
