import { WebSocket } from 'ws'
import { decodeFrame, encodeFrame, Op, SUBPROTOCOL } from '../../mod.ts'

/** Number of times that each fault occurred, by its name. */
export type Faults = Map<string, number>

/** Recognizes a list of rooms by its size: with ten clients a room and hundreds of rooms, no other frame is as long. */
const isListing = (data: Buffer): boolean => data.length > 4_096 && (data[1] === Op.rooms || data[1] === Op.ok)

/** One client of the soak test. It sends `hello`, joins a room, answers pings, and sends signals until it leaves. */
export class SoakClient {
  id = 0
  peers: number[] = []
  /** Signals received. */
  received = 0
  /** Frames received since the answer to `hello`, as sessions count them. */
  #counted = -1
  readonly joined: Promise<void>
  readonly #socket: WebSocket
  readonly #keep: boolean
  #leaving = false

  constructor(url: string, room: string, keep: boolean, faults: Faults) {
    const fault = (what: string): void => void faults.set(what, (faults.get(what) ?? 0) + 1)
    const socket = new WebSocket(`${url}signal`, SUBPROTOCOL, { perMessageDeflate: false })
    this.#socket = socket
    this.#keep = keep
    socket.on('error', ({ message }) => this.#leaving || fault(message))
    socket.on('open', () => {
      socket.send(encodeFrame([Op.hello, 1, keep ? { resume: true } : {}]))
      socket.send(encodeFrame([Op.connect, 2, { room: { name: room }, create: true }]))
    })
    this.joined = new Promise((resolve) => {
      socket.on('close', (code) => {
        if (!this.#leaving) fault(`closed with ${code}`)
        resolve()
      })
      socket.on('message', (data: Buffer) => {
        // A real client decodes lists of rooms. This one does not: lists are most of the bytes, and all clients share
        // one processor here.
        const [op, second, body] = isListing(data) ? [data[1], data[2]] : decodeFrame(new Uint8Array(data))
        if (op !== Op.ping && op !== Op.pong && (this.#counted >= 0 || (op === Op.ok && second === 1))) this.#counted++
        if (op === Op.welcome) this.id = (second as { id: number }).id
        else if (op === Op.connect) this.peers.push((second as { id: number }).id)
        else if (op === Op.disconnectPeer) this.peers = this.peers.filter((id) => id !== (second as { id: number }).id)
        else if (op === Op.data) this.received++
        else if (op === Op.ping) socket.send(encodeFrame([Op.pong, keep ? this.#counted : 0]))
        // Ignore `peer-not-found`: the peer has just left, and its `disconnectPeer` is still on the way.
        else if (op === Op.error && (body as { code: string }).code !== 'peer-not-found') fault(JSON.stringify(body))
        else if (op === Op.ok && second === 2) resolve()
      })
    })
  }

  /** Sends a signal to a random peer in the room. */
  signal(body: unknown): boolean {
    const peer = this.peers[Math.floor(Math.random() * this.peers.length)]
    if (peer === undefined || this.#socket.readyState !== WebSocket.OPEN) return false
    this.#socket.send(encodeFrame([Op.data, peer, body]))
    // Acknowledge, or the server would buffer every frame as long as the connection is open.
    if (this.#keep) this.#socket.send(encodeFrame([Op.ping, this.#counted]))
    return true
  }

  /** Disconnects, with a closing handshake or as if the cable was cut. */
  leave(cut: boolean): Promise<void> {
    this.#leaving = true
    const closed = new Promise<void>((resolve) => {
      if (this.#socket.readyState === WebSocket.CLOSED) resolve()
      else this.#socket.once('close', () => resolve())
    })
    if (cut) this.#socket.terminate()
    else this.#socket.close(1000)
    return closed
  }
}
