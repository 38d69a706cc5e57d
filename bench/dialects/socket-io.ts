import type { Signal } from '../shared/signals.ts'
import { nextOf, type Speaker } from './speaker.ts'

/**
 * Engine.IO 4 and Socket.IO 5 over a WebSocket. A packet starts with the type of each; `42` is an event.
 * https://socket.io/docs/v4/socket-io-protocol/
 */
export function socketIo(): Speaker {
  return {
    path: '/socket.io/?EIO=4&transport=websocket',
    protocols: [],
    async greet(wire) {
      await nextOf(wire, (data) => (data as string).startsWith('0{') || undefined)
      wire.send('40')
      await nextOf(wire, (data) => (data as string).startsWith('40{') || undefined)
    },
    async enter(wire, room) {
      wire.send(`420["join",${JSON.stringify(room)}]`)
      return nextOf(wire, (data) => {
        const text = data as string
        return text.startsWith('430') ? (JSON.parse(text.slice(3))[0] as string) : undefined
      })
    },
    // The server sends it to the other members of the room. The room has two, so only the peer receives it.
    encode: (_, signal) => `42${JSON.stringify(['signal', signal])}`,
    decode(data) {
      const text = data as string
      return text.startsWith('42') ? (JSON.parse(text.slice(2))[1].signal as Signal) : undefined
    },
    answer: (data) => (data === '2' ? '3' : undefined),
  }
}
