import type { Signal } from '../shared/signals.ts'
import { nextOf, type Speaker } from './speaker.ts'

/** The JSON envelope. Each message has an id, which the server's acknowledgement repeats. */
export function jsonService(): Speaker {
  const request = (cmd: string, data: unknown): string =>
    JSON.stringify({ data: { cmd, data }, callbackId: 4_503_599_627, service: 'webrtc' })
  return {
    path: '/',
    protocols: [],
    async greet(wire) {
      await nextOf(wire, (data) => JSON.parse(data as string).cmd === 'rooms' || undefined)
    },
    async enter(wire, room) {
      wire.send(request('connect', { room: { name: room }, create: true }))
      return nextOf(wire, (data) => {
        const { callbackId, id } = JSON.parse(data as string)
        return callbackId === undefined ? undefined : (id as number)
      })
    },
    encode: (to, signal) => request('offer', { id: to, msg: signal }),
    decode(data) {
      const { cmd, data: signal } = JSON.parse(data as string)
      return cmd === 'offer' ? (signal.msg as Signal) : undefined
    },
  }
}
