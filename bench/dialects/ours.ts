import { decodeFrame, encodeFrame, type Frame, Op, SUBPROTOCOL } from '../../mod.ts'
import { Replay } from '../../src/protocol/replay.ts'
import type { Signal } from '../shared/signals.ts'
import { type Data, nextOf, type Speaker, type Wire } from './dialect.ts'

/** Frames on their way to a client that the server does not keep: as the other servers have it. */
export function ours(): Speaker {
  let own = 0
  return {
    path: '/signal',
    protocols: [SUBPROTOCOL],
    async greet(wire) {
      own = await nextOf(wire, (data) => {
        const [op, body] = read(data)
        return op === Op.welcome ? (body as { id: number }).id : undefined
      })
    },
    async enter(wire, room) {
      await request(wire, [Op.connect, 1, { room: { name: room }, create: true }])
      return own
    },
    encode: (to, signal) => encodeFrame([Op.offer, to as number, signal]),
    decode(data) {
      const [op, , body] = read(data)
      return op === Op.offer ? (body as Signal) : undefined
    },
  }
}

/** As the companion speaks: a client whose session is kept when its connection is lost, with all that it may lack. */
export function kept(): Speaker {
  const speaker = ours()
  // It counts here, and keeps nothing: the server's part is what is measured.
  const replay = new Replay(0)
  return {
    ...speaker,
    async enter(wire, room) {
      await request(wire, [Op.hello, 1, { resume: true }])
      return speaker.enter(
        {
          send: wire.send,
          async next() {
            const data = await wire.next()
            replay.count(data.length)
            return data
          },
        },
        room,
      )
    },
    answer(data) {
      const bytes = data as Uint8Array
      if (bytes[1] === Op.pong) return undefined
      if (bytes[1] === Op.ping) return encodeFrame([Op.pong, replay.tell()])
      return replay.count(bytes.length) ? encodeFrame([Op.ping, replay.tell()]) : undefined
    },
  }
}

async function request(wire: Wire, frame: Frame): Promise<void> {
  wire.send(encodeFrame(frame))
  await nextOf(wire, (data) => {
    const [op, , body] = read(data)
    if (op === Op.error) throw new Error(`The server refused: ${JSON.stringify(body)}`)
    return op === Op.ok || undefined
  })
}

const read = (data: Data): Frame => decodeFrame(data as Uint8Array, Number.POSITIVE_INFINITY)
