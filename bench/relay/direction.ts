import type { Data } from '../dialects/speaker.ts'
import type { Client } from '../load/client.ts'
import { makeSignal, SIGNAL_NAMES, type SignalName } from '../shared/signals.ts'
import { DIRECTION, Stamped, stampOf } from './stamped.ts'

/** Most signals in flight: the send time of each is stored. */
const MOST_IN_FLIGHT = 65_536
/** One of this many signals is compared byte by byte. Of the others, only the length and the stamp are checked. */
const COMPARED = 256

export interface Ends {
  from: Client
  to: Client
  /** The address by which the sender reaches the receiver. */
  address: number | string
  /** 0 or 1: which of a pair's two sides sends. */
  side: number
  signal: SignalName
  /** Called for each signal that arrives, with the milliseconds since it was sent. */
  ondelivered(latency: number): void
  onfault(error: Error): void
}

/** Signals from one client of a pair to the other. Checks that each arrives once, in order and unchanged. */
export class Direction {
  readonly #ends: Ends
  readonly #outgoing: Stamped
  /** The first signal that arrived, which was compared in full. */
  #incoming: Stamped | undefined
  readonly #sentAt = new Float64Array(MOST_IN_FLIGHT)
  #sent = 0
  #delivered = 0

  constructor(ends: Ends) {
    this.#ends = ends
    const first = stampOf(ends.side, 0)
    const message = ends.from.speaker.encode(ends.address, makeSignal(ends.signal, String(first)))
    this.#outgoing = new Stamped(message, first)
  }

  get inFlight(): number {
    return this.#sent - this.#delivered
  }

  send(): void {
    if (this.inFlight >= MOST_IN_FLIGHT) throw new Error('More signals wait than any server should let wait')
    this.#sentAt[this.#sent % MOST_IN_FLIGHT] = performance.now()
    this.#ends.from.socket.send(this.#outgoing.with(stampOf(this.#ends.side, this.#sent++)))
  }

  /** @returns whether the message was one of this direction's signals */
  receive(data: Data): boolean {
    this.#incoming ??= this.#readFirst(data)
    if (this.#incoming === undefined || data.length !== this.#incoming.length) return false
    const first = stampOf(this.#ends.side, 0)
    const number = this.#incoming.read(data) - first
    // A server may send a client's own signals back to it. Or the message is no signal, but has the same length.
    if (!(number >= 0 && number < DIRECTION)) return false
    if (number !== this.#delivered || (number % COMPARED === 0 && !this.#incoming.equals(data, first + number))) {
      this.#ends.onfault(new Error(`Signal ${this.#delivered} is missing or is not what was sent; ${number} came`))
      return true
    }
    const latency = performance.now() - (this.#sentAt[number % MOST_IN_FLIGHT] as number)
    this.#delivered++
    this.#ends.ondelivered(latency)
    return true
  }

  #readFirst(data: Data): Stamped | undefined {
    const { to, side, signal: name } = this.#ends
    const signal = to.speaker.decode(data)
    if (signal === undefined) return undefined
    const came = JSON.stringify(signal)
    const first = stampOf(side, 0)
    if (formOf(name, first).equals(came, first)) return new Stamped(data, first)
    // The server sent a client's own signal back to it, maybe one of the signals measured before.
    const isOwn = (other: SignalName): boolean => {
      const own = formOf(other, first)
      const stamp = own.read(came)
      return own.equals(came, stamp) && stamp >= stampOf(1 - side, 0) && stamp < stampOf(2 - side, 0)
    }
    if (SIGNAL_NAMES.some(isOwn)) return undefined
    this.#ends.onfault(new Error(`A signal is not what was sent: ${came}`))
    return undefined
  }
}

const formOf = (name: SignalName, stamp: number): Stamped =>
  new Stamped(JSON.stringify(makeSignal(name, String(stamp))), stamp)
