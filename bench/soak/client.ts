import { WebSocket } from 'ws'
import { decodeFrame, encodeFrame, Op, SUBPROTOCOL } from '../../mod.ts'

/** What must not happen, and how often it did, by name. */
export type Faults = Map<string, number>

/** Ten clients or more in a room, and some hundred rooms: nothing else is as long. */
const isListing = (data: Buffer): boolean => data.length > 4_096 && (data[1] === Op.rooms || data[1] === Op.ok)

/** One client of the soak: it says hello, enters a room, and answers and sends signals until it is told to go. */
export class SoakClient {
  id = 0
  peers: number[] = []
  /** Signals that came. */
  received = 0
  /** Messages since the answer to hello, as sessions count them. */
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
        // The listings of rooms, which a client takes apart, are most of the bytes: here there is but one processor for all.
        const [op, second, body] = isListing(data) ? [data[1], data[2]] : decodeFrame(new Uint8Array(data))
        if (op !== Op.ping && op !== Op.pong && (this.#counted >= 0 || (op === Op.ok && second === 1))) this.#counted++
        if (op === Op.welcome) this.id = (second as { id: number }).id
        else if (op === Op.connect) this.peers.push((second as { id: number }).id)
        else if (op === Op.disconnectPeer) this.peers = this.peers.filter((id) => id !== (second as { id: number }).id)
        else if (op === Op.data) this.received++
        else if (op === Op.ping) socket.send(encodeFrame([Op.pong, keep ? this.#counted : 0]))
        // A peer that has just gone, of which the news is on its way.
        else if (op === Op.error && (body as { code: string }).code !== 'peer-not-found') fault(JSON.stringify(body))
        else if (op === Op.ok && second === 2) resolve()
      })
    })
  }

  /** Signals somebody in the room. */
  signal(body: unknown): boolean {
    const peer = this.peers[Math.floor(Math.random() * this.peers.length)]
    if (peer === undefined || this.#socket.readyState !== WebSocket.OPEN) return false
    this.#socket.send(encodeFrame([Op.data, peer, body]))
    // Or the server would keep all that came for as long as the connection stands.
    if (this.#keep) this.#socket.send(encodeFrame([Op.ping, this.#counted]))
    return true
  }

  /** Goes: by a closing handshake, or as a cable that is cut. */
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
