import type { Signal } from '../shared/signals.ts'
import { nextOf, type Speaker } from './speaker.ts'

/** PeerJS has no rooms: a client that knows an id can reach it. */
export function peerjs(): Speaker {
  const id = crypto.randomUUID()
  return {
    path: `/peerjs?key=peerjs&id=${id}&token=${id.slice(0, 11)}&version=1.5.5`,
    protocols: [],
    async greet(wire) {
      await nextOf(wire, (data) => JSON.parse(data as string).type === 'OPEN' || undefined)
    },
    enter: async () => id,
    // The same fields as PeerJS's `DataConnection` sends: the receiver needs all of them to answer.
    encode: (to, signal) =>
      JSON.stringify({
        type: 'OFFER',
        payload: { sdp: signal, type: 'data', connectionId: 'dc_1q0p7w0k3v', label: 'dc_1q0p7w0k3v' },
        dst: to,
      }),
    decode(data) {
      const { type, payload } = JSON.parse(data as string)
      return type === 'OFFER' ? (payload.sdp as Signal) : undefined
    },
  }
}
