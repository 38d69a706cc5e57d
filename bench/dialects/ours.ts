import { decodeFrame, encodeFrame, type Frame, Op, SUBPROTOCOL } from '../../mod.ts'
import { Replay } from '../../src/protocol/replay.ts'
import type { Signal } from '../shared/signals.ts'
import { tokenOf } from '../shared/tokens.ts'
import { type Data, nextOf, type Speaker, type Wire } from './speaker.ts'

/** A client that cannot resume: the server buffers no frames for it, like the other servers. */
export function ours(): Speaker & Required<Pick<Speaker, 'subscribe'>> {
  let own = 0
  let room: unknown
  return {
    path: '/signal',
    protocols: [SUBPROTOCOL],
    async greet(wire) {
      own = await nextOf(wire, (data) => (opOf(data) === Op.welcome ? (read(data)[1] as { id: number }).id : undefined))
      await nextOf(wire, (data) => opOf(data) === Op.rooms || undefined)
    },
    async enter(wire, name) {
      room = (await request(wire, [Op.connect, 1, { room: { name }, create: true }])) as { uuid: number }
      return own
    },
    async leave(wire) {
      await request(wire, [Op.disconnect, 2, { uuid: (room as { uuid: number }).uuid }])
    },
    async subscribe(wire) {
      await request(wire, [Op.rooms, 4, { subscribe: true }])
    },
    encode: (to, signal) => encodeFrame([Op.offer, to as number, signal]),
    decode: (data) => (opOf(data) === Op.offer ? (read(data)[2] as Signal) : undefined),
  }
}

/** A client that can resume, like the companion: the server keeps its session and buffers unacknowledged frames. */
export function kept(): Speaker {
  return keptWith(async () => ({}))
}

/** The same with a token, which a closed server requires. */
export function identified(): Speaker {
  return keptWith(async () => ({ token: await tokenOf('somebody') }))
}

/** @param more returns further fields of `hello` */
function keptWith(more: () => Promise<object>): Speaker {
  const speaker = ours()
  // Counts frames, but buffers none: the bench measures the server's part.
  const replay = new Replay(0)
  const counted = (wire: Wire): Wire => ({
    send: wire.send,
    async next() {
      const data = await wire.next()
      replay.count(data.length)
      return data
    },
  })
  return {
    ...speaker,
    async greet(wire) {
      await speaker.greet(wire)
      await request(wire, [Op.hello, 3, { resume: true, ...(await more()) }])
    },
    enter: (wire, name) => speaker.enter(counted(wire), name),
    subscribe: (wire) => speaker.subscribe(counted(wire)),
    answer(data) {
      const op = opOf(data)
      if (op === Op.pong) return undefined
      if (op === Op.ping) return encodeFrame([Op.pong, replay.tell()])
      return replay.count(data.length) ? encodeFrame([Op.ping, replay.tell()]) : undefined
    },
  }
}

/** @throws Error if the server answers with an error */
async function request(wire: Wire, frame: Frame): Promise<unknown> {
  wire.send(encodeFrame(frame))
  const [op, , body] = await nextOf(wire, (data) => {
    const op = opOf(data)
    return op === Op.ok || op === Op.error ? read(data) : undefined
  })
  if (op === Op.error) throw new Error(`The server refused: ${JSON.stringify(body)}`)
  return body
}

/** Reads the op without decoding the frame: lists of many rooms are large. */
const opOf = (data: Data): number => (data as Uint8Array)[1] as number
const read = (data: Data): Frame => decodeFrame(data as Uint8Array, Number.POSITIVE_INFINITY)
