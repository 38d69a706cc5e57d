import { encodeFrame, Op } from '../../mod.ts'
import { JUNK } from '../shared/junk.ts'
import { tokenOf } from '../shared/tokens.ts'
import { closed, type Line, pour } from './line.ts'

export interface Attack {
  /** Other clients, in the room that the attack is against. They also listen to all other rooms. */
  crowd?: number
  /**
   * Answers that each hostile client receives at least, however slow the machine is. They are more than one connection
   * can pay for, so that a run shows whether it has to.
   */
  answers?: number
  /** Seconds that a full run lasts, if it must outlast what connections, addresses and all clients may cause at once. */
  seconds?: number
  /** Attacks until the connection ends. It is then called again. */
  run(line: Line): Promise<void>
}

/** The room of the crowd. */
export const CROWD = 'crowd'

type Room = { uuid: number; peers: number[] }
const byName = (name: string) => ({ room: { name }, create: true })
const createRoom = (name: string, seq = 1): Uint8Array => encodeFrame([Op.createroom, seq, { name }])

/** Clients that receive an announcement of each room that an attack creates. */
const LISTENERS = 100
/** Rooms that one user may own by default. */
const ROOMS_MADE = 100
/** Rooms that one connection creates and closes at the same time. */
const AT_ONCE = 8
/** Relays that nearly fill a replay buffer of 1 MiB. */
const FILLING = { frames: 15, body: new Uint8Array(65_536) }
/** Sixteen times as large as the server accepts. */
const OVERSIZE = new Uint8Array(4_194_304)
/** Sockets that one hostile client keeps open without a request. */
const SILENT = 20
const KILOBYTE = new Uint8Array(1_024)

/** All attacks on the program, by what they do. */
export const attacks: Readonly<Record<string, Attack>> = {
  'GETs, answers never read': {
    async run(line) {
      const tcp = (await line.tcp()).pause()
      const request = `${line.head('/')}\r\n`
      await pour(tcp, () => tcp.write(request))
    },
  },
  'half headers, silent sockets': {
    async run(line) {
      const sockets = await Promise.all(Array.from({ length: SILENT }, () => line.tcp()))
      for (const [i, tcp] of sockets.entries()) if (i % 2 === 0) tcp.write(`${line.head('/signal')}X-Half: `)
      await Promise.all(sockets.map((tcp) => closed(tcp.resume())))
    },
  },
  'hellos with bad tokens': {
    async run(line) {
      const signal = await line.stranger()
      const token = await tokenOf('admin', 'a secret of thirty-two bytes, but another one')
      await pour(signal.tcp, (turn) => signal.send(encodeFrame([Op.hello, turn, { token }])))
    },
  },
  'malformed frames': {
    async run(line) {
      const signal = await line.user()
      await pour(signal.tcp, (turn) => signal.send(JUNK[turn % JUNK.length] as Uint8Array))
    },
  },
  'oversize frames': {
    async run(line) {
      const signal = await line.user()
      await pour(signal.tcp, () => signal.send(OVERSIZE))
    },
  },
  'restricting a room': {
    crowd: LISTENERS,
    async run(line) {
      const signal = await line.user()
      const { uuid } = await signal.request<Room>(Op.createroom, { name: `mine ${line.number}` })
      const restrict = (turn: number) =>
        encodeFrame([Op.restrict, turn, { uuid, restrictions: { max: 1 + (turn % 9) } }])
      await pour(signal.tcp, (turn) => signal.send(restrict(turn)))
    },
  },
  'creating and closing rooms': {
    crowd: LISTENERS,
    answers: 450,
    seconds: 60,
    async run(line) {
      const signal = await line.user()
      const cycle = async (nth: number): Promise<void> => {
        while (signal.tcp.writable) {
          const { uuid } = await signal.request<Room>(Op.createroom, { name: `short ${line.number} ${nth}` })
          await signal.request(Op.closeroom, { uuid })
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, (_, nth) => cycle(nth))).finally(() => signal.cut())
    },
  },
  'announcing rooms': {
    crowd: LISTENERS,
    async run(line) {
      const signal = await line.user()
      const name = (turn: number) => `${line.number} ${turn} ${'x'.repeat(100)}`
      await pour(signal.tcp, (turn) => signal.send(createRoom(name(turn), turn)), ROOMS_MADE)
      await signal.request(Op.rooms, null).finally(() => signal.cut())
    },
  },
  'joining and leaving a room of 500': {
    crowd: 500,
    answers: 30,
    seconds: 60,
    async run(line) {
      const signal = await line.user()
      const cycle = async (): Promise<void> => {
        while (signal.tcp.writable) {
          await signal.request(Op.connect, byName(CROWD))
          await signal.request(Op.disconnect, null)
        }
      }
      // A flood would send more than the server reads, and so cause less for each byte.
      await cycle().finally(() => signal.cut())
    },
  },
  'relays to one peer': {
    crowd: 1,
    async run(line) {
      const signal = await line.user()
      const [victim] = (await signal.request<Room>(Op.connect, byName(CROWD))).peers
      const relay = encodeFrame([Op.data, victim as number, KILOBYTE])
      await pour(signal.tcp, () => signal.send(relay))
    },
  },
  'slow readers': {
    async run(line) {
      const signal = await line.user()
      signal.tcp.pause()
      await pour(signal.tcp, (turn) => signal.send(encodeFrame([Op.rooms, turn, null])))
    },
  },
  'cut sessions with full buffers': {
    async run(line) {
      const [receiver, sender] = [await line.user({ resume: true }), await line.user()]
      await receiver.request(Op.connect, byName(`cut ${line.number}`))
      const [peer] = (await sender.request<Room>(Op.connect, byName(`cut ${line.number}`))).peers
      const relay = encodeFrame([Op.data, peer as number, FILLING.body])
      await pour(sender.tcp, () => sender.send(relay), FILLING.frames)
      // The answer shows that the server has relayed everything before it.
      await sender.request(Op.rooms, null).finally(() => {
        receiver.cut()
        sender.cut()
      })
    },
  },
}

/** The attack on a bare relay, which drops what it reads. What that costs others there, it costs on any server. */
export const DROPPED = 'frames that are dropped'

/** `attacks`, and the one on a bare relay. */
export const allAttacks: Readonly<Record<string, Attack>> = {
  [DROPPED]: {
    async run(line) {
      const signal = await line.stranger([])
      await pour(signal.tcp, () => signal.send(KILOBYTE))
    },
  },
  ...attacks,
}
