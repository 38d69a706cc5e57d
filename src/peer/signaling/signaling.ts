import {
  type EventOp,
  encodeFrame,
  type Frame,
  isAnswerOp,
  isRelayOp,
  Op,
  opName,
  type RelayName,
  type RequestBodies,
  type RequestFrame,
  type SignalError,
  type SignalErrorBody,
} from '../../protocol/mod.ts'
import { PeerError } from '../shared/mod.ts'
import { Connection, type ConnectionHandlers, type ConnectionOptions } from './connection.ts'
import { closedError, HELLO_SEQ, toSignalError } from './handshake.ts'
import type { Greeting } from './server-messages.ts'

/** Requests that wait for their answer at once. */
const MAX_REQUESTS = 1_024

export interface SignalingHandlers extends Pick<ConnectionHandlers, 'greeted' | 'reconnecting' | 'closed'> {
  event(op: EventOp, body: unknown): void
  relay(name: RelayName, origin: number, body: unknown): void
  /** A refusal that answers no request. */
  refused(error: SignalError): void
}

export type SignalingOptions = SignalingHandlers & Omit<ConnectionOptions, keyof ConnectionHandlers>

interface Pending {
  name: string
  resolve(result: unknown): void
  reject(error: Error): void
  /** How long the answer may still take, in ms, while there is a connection; and since when that runs. */
  left: number
  since: number
  cancel(): void
}

/** What is said over the connection to the server: frames in and out, answers matched to requests. */
export class Signaling {
  readonly #options: SignalingOptions
  readonly #connection: Connection
  readonly #pending = new Map<number, Pending>()
  #seq = HELLO_SEQ
  #dropped = 0

  constructor(options: SignalingOptions) {
    this.#options = options
    this.#connection = new Connection({
      ...options,
      frame: (frame) => this.#receive(frame),
      greeted: (answer) => this.#greeted(answer),
      lost: () => this.#pause(),
      closed: (detail, error) => {
        this.#rejectAll(closedError(detail))
        options.closed(detail, error)
      },
    })
  }

  get state(): Connection['state'] {
    return this.#connection.state
  }

  /** Frames that could not be read, or that a server does not send. */
  get dropped(): number {
    return this.#connection.dropped + this.#dropped
  }

  /** Connects for the first time. */
  open(signal: AbortSignal | undefined): Promise<void> {
    return this.#connection.open(signal)
  }

  /**
   * Asks the server. While there is no connection, the question waits with those that were asked before.
   *
   * @throws SignalError what the server refused; PeerError `timeout`, `closed`, `too-many-requests`, and `lost` where the
   *   session could not go on and nobody knows whether the server did what it was asked
   */
  request<Name extends keyof RequestBodies>(name: Name, body: RequestBodies[Name]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.state === 'closed') {
        throw new PeerError('closed', `Cannot ask for ${name} as the connection to the server is closed`)
      }
      if (this.#pending.size >= MAX_REQUESTS) {
        throw new PeerError('too-many-requests', `Cannot ask for ${name} as ${MAX_REQUESTS} requests wait`)
      }
      const seq = ++this.#seq
      const frame = encodeFrame([Op[name], seq, body] as RequestFrame)
      const pending = { name, resolve, reject, left: this.#options.timing.answer, since: 0, cancel() {} }
      this.#pending.set(seq, pending)
      if (this.state === 'connected') this.#await(seq, pending)
      this.#connection.send(frame)
    })
  }

  /** Passes a signal to somebody in a common room. A closed connection takes none: its rooms are gone with it. */
  relay(name: RelayName, peer: number, body: unknown): void {
    if (this.state !== 'closed') this.#connection.send(encodeFrame([Op[name], peer, body]))
  }

  interrupt(seconds: number): void {
    this.#connection.interrupt(seconds)
  }

  close(): void {
    this.#connection.close()
  }

  #greeted(answer: Greeting): void {
    if (!answer.recovered) {
      this.#rejectAll(new PeerError('lost', 'The connection was lost before the answer, and the session with it'))
    }
    for (const [seq, pending] of this.#pending) this.#await(seq, pending)
    this.#options.greeted(answer)
  }

  #await(seq: number, pending: Pending): void {
    const { now, after, answer } = this.#options.timing
    pending.since = now()
    pending.cancel = after(pending.left, () => {
      this.#pending.delete(seq)
      pending.reject(new PeerError('timeout', `The server did not answer ${pending.name} within ${answer} ms`))
    })
  }

  /** The server has its time for an answer while there is a connection. */
  #pause(): void {
    const now = this.#options.timing.now()
    for (const pending of this.#pending.values()) {
      pending.cancel()
      pending.left -= now - pending.since
    }
  }

  #receive(frame: Frame): void {
    const [op, second, body] = frame
    if (isAnswerOp(op)) this.#answer(op, second as number, body)
    else if (isRelayOp(op)) this.#options.relay(opName(op) as RelayName, second as number, body)
    // A request from the server is no event, though some share their numbers.
    else if (frame.length === 2) this.#options.event(op as EventOp, second)
    else this.#dropped++
  }

  #answer(op: number, seq: number, body: unknown): void {
    const error = op === Op.error ? toSignalError(body as SignalErrorBody) : undefined
    const pending = this.#settle(seq)
    if (error === undefined) pending?.resolve(body)
    else if (pending !== undefined) pending.reject(error)
    // A peer that has just gone cannot be reached: `disconnectPeer` says so anyway.
    else if (error.code !== 'peer-not-found' && error.code !== 'not-in-room') this.#options.refused(error)
  }

  #settle(seq: number): Pending | undefined {
    const pending = this.#pending.get(seq)
    pending?.cancel()
    this.#pending.delete(seq)
    return pending
  }

  #rejectAll(error: Error): void {
    for (const seq of [...this.#pending.keys()]) this.#settle(seq)?.reject(error)
  }
}
