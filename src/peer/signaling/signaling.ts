import {
  type EventOp,
  type Frame,
  type Greeting,
  isAnswerOp,
  isRelayOp,
  Op,
  opName,
  type RelayName,
  type RequestBodies,
  type RequestFrame,
  type SignalError,
  type SignalErrorBody,
} from '../../protocol/both-ends.ts'
import { PeerError } from '../shared/mod.ts'
import { encodeFrame } from '../wire/mod.ts'
import { closedError } from './close-detail.ts'
import { Connection } from './connection.ts'
import type { ConnectionHandlers, ConnectionOptions } from './connection-options.ts'
import { EarlyRequests } from './early-requests.ts'
import { HELLO_SEQ, toSignalError } from './handshake.ts'

/** The most requests that may wait for an answer at once. */
const MAX_REQUESTS = 1_024

export interface SignalingHandlers extends Pick<ConnectionHandlers, 'greeted' | 'reconnecting' | 'closed'> {
  event(op: EventOp, body: unknown): void
  relay(name: RelayName, origin: number, body: unknown): void
  /** An error that answers no request. */
  refused(error: SignalError): void
}

export type SignalingOptions = SignalingHandlers & Omit<ConnectionOptions, keyof ConnectionHandlers>

interface Pending {
  name: string
  resolve(result: unknown): void
  reject(error: Error): void
  /**
   * How many milliseconds the answer may still take. Only time with a connection counts. `since` is when the current
   * countdown started.
   */
  left: number
  since: number
  cancel(): void
}

/** Sends and receives frames over the connection, and matches answers to requests. */
export class Signaling {
  readonly #options: SignalingOptions
  readonly #connection: Connection
  readonly #pending = new Map<number, Pending>()
  readonly #early = new EarlyRequests()
  #seq = HELLO_SEQ
  #dropped = 0

  constructor(options: SignalingOptions) {
    this.#options = options
    this.#connection = new Connection({
      ...options,
      hello: async () => ({ ...(await options.hello()), connect: this.#early.carry() }),
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

  /** How many frames were unreadable, or of a kind that servers do not send. */
  get dropped(): number {
    return this.#connection.dropped + this.#dropped
  }

  /** Connects for the first time. @throws as `Connection.open` */
  open(signal: AbortSignal | undefined): Promise<void> {
    return this.#connection.open(signal)
  }

  /**
   * Sends a request to the server. While disconnected, the request waits until the session resumes. While the session
   * connects for the first time, it waits for the answer to `hello`, or travels with `hello`.
   *
   * @returns the result, not validated yet
   * @throws SignalError if the server rejects the request; PeerError `timeout` (10 s by default), `closed`,
   *   `too-many-requests` (1,024 pending requests), `lost` if the session could not resume. After `lost`, the client
   *   does not know whether the server executed the request
   */
  request<Name extends keyof RequestBodies>(name: Name, body: RequestBodies[Name]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.state === 'closed') {
        throw new PeerError('closed', `Cannot request ${name}: the session is closed`)
      }
      if (this.#pending.size + this.#early.size >= MAX_REQUESTS) {
        throw new PeerError('too-many-requests', `Cannot request ${name}: ${MAX_REQUESTS} requests are pending`)
      }
      const seq = ++this.#seq
      const frame = encodeFrame([Op[name], seq, body] as RequestFrame)
      const pending = { name, resolve, reject, left: this.#options.timing.answer, since: 0, cancel() {} }
      const send = () => {
        this.#pending.set(seq, pending)
        if (this.state === 'connected') this.#startTimeout(seq, pending)
        this.#connection.send(frame)
      }
      if (this.state === 'connecting') this.#early.add({ name, body, send, resolve, reject })
      else send()
    })
  }

  /** Sends a signal to a peer in a common room. A closed connection drops it, because its rooms are gone too. */
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
      this.#rejectAll(new PeerError('lost', 'The session was lost before the answer arrived'))
    }
    for (const [seq, pending] of this.#pending) this.#startTimeout(seq, pending)
    this.#options.greeted(answer)
    this.#early.greeted(answer)
  }

  #startTimeout(seq: number, pending: Pending): void {
    const { now, after, answer } = this.#options.timing
    pending.since = now()
    pending.cancel = after(pending.left, () => {
      this.#pending.delete(seq)
      pending.reject(new PeerError('timeout', `The server did not answer ${pending.name} within ${answer} ms`))
    })
  }

  /** Stops the countdowns of pending requests, because the server cannot answer while disconnected. */
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
    // Only a frame of two elements is an event: `rooms` and `connect` are also requests, with three elements.
    else if (frame.length === 2) this.#options.event(op as EventOp, second)
    else this.#dropped++
  }

  #answer(op: number, seq: number, body: unknown): void {
    const error = op === Op.error ? toSignalError(body as SignalErrorBody) : undefined
    const pending = this.#settle(seq)
    if (error === undefined) pending?.resolve(body)
    else if (pending !== undefined) pending.reject(error)
    // Ignore failed relays to a peer that has just left: `disconnectPeer` reports that anyway.
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
    if (this.state === 'closed') this.#early.rejectAll(error)
  }
}
