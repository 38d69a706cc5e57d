import {
  encodeFrame,
  type Frame,
  type Greeting,
  isKeepaliveOp,
  type KeepaliveOp,
  Op,
  Replay,
  type RequestBodies,
  SignalError,
  TOKEN_EXPIRED,
} from '../../protocol/mod.ts'
import { PeerError, type Timing, unlessAborted, waitBefore } from '../shared/mod.ts'
import { type CloseDetail, detailOf, greet, readFrame, type WebSocketConstructor } from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'

/** How many bytes of unacknowledged frames the client buffers. */
const REPLAY_BYTES = 1024 * 1024

/** Close codes after which the server would reject a reconnect in the same way. */
const FINAL_CODES: ReadonlySet<number> = new Set([1000, 1003, 1008, 1009])
/** Errors of `hello` that the next attempt may not receive. */
const PASSING: ReadonlySet<string> = new Set(['rate-limited', 'server-full'])

/** Why the client itself drops a connection and then reconnects. With 4001 and 4002 the server keeps the session. */
const INTERRUPTED = { code: 4001, reason: 'Interrupted' } as const
const OVERFLOWN = { code: 1006, reason: 'More was sent meanwhile than is kept' } as const
const SILENT = { code: 4002, reason: 'Silent' } as const

/** The next attempt to reconnect, with the code and reason of the loss or of the last failed attempt. */
export interface Reconnecting extends CloseDetail {
  /** Counts from 1. */
  attempt: number
  /** Seconds until the attempt begins. */
  delay: number
}

export interface ConnectionHandlers {
  frame(frame: Frame): void
  /** The server answered `hello`: for a new session, a resumed one, or a fresh start. */
  greeted(answer: Greeting): void
  lost(): void
  reconnecting(detail: Reconnecting): void
  /** The connection has ended for good. The error is the server's rejection, if there is one. */
  closed(detail: CloseDetail, error?: Error): void
}

export interface ConnectionOptions extends ConnectionHandlers {
  url: string
  Socket: WebSocketConstructor
  reconnect: boolean
  /** Whether the app can provide a new token after the current one has expired. */
  renewable: boolean
  /** Returns the body of each `hello`, without `resume`. */
  hello(): Promise<RequestBodies['hello']>
  timing: Timing
}

/** A connection to the server that outlives its WebSocket. After a resume, both ends send lost frames again. */
export class Connection {
  state: 'connecting' | 'connected' | 'reconnecting' | 'closed' = 'connecting'
  /** How many messages were unreadable, such as a peer's signal with a body that is not msgpack. */
  dropped = 0
  readonly #options: ConnectionOptions
  #socket: WebSocket | undefined
  #heartbeat: Heartbeat | undefined
  #replay = new Replay(REPLAY_BYTES)
  /** The newest token; undefined if the server keeps no sessions. */
  #resumeToken: string | undefined
  /** Attempts since the last stable connection. */
  #attempts = 0
  #connectedSince = 0
  /** The next attempt starts no earlier than this, in milliseconds. `interrupt` sets it. */
  #pausedUntil = Number.NEGATIVE_INFINITY
  #attempt = new AbortController()
  /** Defined while the connection waits for the next attempt. */
  #cancelWait: (() => void) | undefined
  readonly #online = () => this.#hurry()

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** Connects for the first time. @throws as `greet`, and whatever `hello` throws */
  async open(signal: AbortSignal = this.#attempt.signal): Promise<void> {
    try {
      await this.#greet(signal)
    } catch (error) {
      this.#end(causeOf(error as Error))
      throw error
    }
    // Only pages and Workers emit `online`.
    globalThis.addEventListener?.('online', this.#online)
  }

  /** Sends a frame. While disconnected, a resumable session buffers the frame and sends it after the resume. */
  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#resumeToken !== undefined) this.#replay.keep(frame)
    this.#socket?.send(frame)
  }

  /** Simulates a network failure. @param seconds how long no attempt to reconnect starts */
  interrupt(seconds: number): void {
    if (this.state === 'closed') return
    const { timing } = this.#options
    this.#pausedUntil = timing.now() + seconds * 1000
    if (this.#socket !== undefined) this.#drop(INTERRUPTED)
    else {
      this.#attempt.abort()
      this.#cancelWait?.()
      this.#reconnect(INTERRUPTED)
    }
  }

  close(): void {
    const socket = this.#socket
    this.#end({ code: 1000, reason: '' })
    socket?.close(1000)
  }

  async #greet(signal: AbortSignal): Promise<void> {
    const { url, Socket, reconnect, hello, timing } = this.#options
    // The app's token function may take any time.
    const said = await unlessAborted(signal, hello)
    const known = this.#resumeToken
    const resume = known === undefined ? reconnect || undefined : { token: known, received: this.#replay.received }
    await greet({ url, Socket, hello: { ...said, resume }, timing, signal }, (socket, answer) =>
      this.#greeted(socket, answer),
    )
  }

  #greeted(socket: WebSocket, answer: Greeting): void {
    const { timing } = this.#options
    const missing = answer.recovered ? this.#missing(answer.received) : []
    this.#resumeToken = missing && answer.resume?.token
    if (missing === undefined) {
      // The server needs frames that the buffer has dropped. The close code 1000 makes it end the session at once.
      socket.close(1000)
      throw new PeerError(
        'closed',
        'Cannot resume the session: more was sent while disconnected than the replay buffer holds',
        OVERFLOWN,
      )
    }
    if (!answer.recovered) this.#replay = new Replay(REPLAY_BYTES)
    this.#socket = socket
    this.#connectedSince = timing.now()
    this.state = 'connected'
    this.#heartbeat = new Heartbeat({ timing, ping: () => this.#acknowledge(Op.ping), lost: () => this.#drop(SILENT) })
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#receive(data)
    })
    socket.addEventListener('close', (event) => {
      if (socket === this.#socket) this.#lost(detailOf(event))
    })
    // The first message acknowledges the new token. The server then invalidates the old one.
    if (answer.recovered) this.#acknowledge(Op.ping)
    for (const frame of missing) socket.send(frame)
    this.#options.greeted(answer)
  }

  /** @returns the frames that the server has not received; undefined if the buffer has dropped one of them */
  #missing(received: number): Uint8Array<ArrayBuffer>[] | undefined {
    return this.#replay.acknowledge(received) ? this.#replay.missing(received) : undefined
  }

  #receive(data: unknown): void {
    this.#heartbeat?.heard()
    const frame = readFrame(data)
    if (frame !== undefined && isKeepaliveOp(frame[0])) this.#keepAlive(frame[0], frame[1] as number)
    else {
      if (this.#resumeToken !== undefined) this.#count(data instanceof ArrayBuffer ? data.byteLength : 0)
      if (frame === undefined) this.dropped++
      else this.#options.frame(frame)
    }
  }

  #count(bytes: number): void {
    if (this.#replay.count(bytes)) this.#acknowledge(Op.ping)
    else this.#heartbeat?.untold()
  }

  #keepAlive(op: KeepaliveOp, received: number): void {
    if (!this.#replay.acknowledge(received)) this.dropped++
    if (op === Op.ping) this.#acknowledge(Op.pong)
  }

  #acknowledge(op: KeepaliveOp): void {
    this.#socket?.send(encodeFrame([op, this.#replay.tell()]))
  }

  /** Handles the loss first, because a dead WebSocket may never emit `close`. */
  #drop(why: CloseDetail): void {
    const socket = this.#socket
    this.#lost(why)
    socket?.close(why.code, why.reason)
  }

  #lost(detail: CloseDetail): void {
    const { reconnect, timing, lost } = this.#options
    this.#socket = undefined
    this.#heartbeat?.stop()
    if (!reconnect || this.#isFinal(detail)) this.#end(detail)
    else {
      if (timing.now() - this.#connectedSince >= timing.stable) this.#attempts = 0
      this.state = 'reconnecting'
      lost()
      this.#reconnect(detail)
    }
  }

  #reconnect(why: CloseDetail): void {
    const { timing, reconnecting } = this.#options
    const wait = Math.max(waitBefore(this.#attempts++, timing), this.#pausedUntil - timing.now())
    this.#cancelWait = timing.after(wait, () => void this.#try())
    reconnecting({ attempt: this.#attempts, delay: wait / 1000, ...why })
  }

  /** Reconnects at once, because the network is back. */
  #hurry(): void {
    const { now } = this.#options.timing
    if (this.state !== 'reconnecting' || this.#cancelWait === undefined || now() < this.#pausedUntil) return
    this.#cancelWait()
    void this.#try()
  }

  async #try(): Promise<void> {
    this.#cancelWait = undefined
    this.#attempt = new AbortController()
    const { signal } = this.#attempt
    try {
      await this.#greet(signal)
    } catch (error) {
      if (!signal.aborted) this.#failed(error as Error)
    }
  }

  #failed(error: Error): void {
    const why = causeOf(error)
    if (this.#isFinal(why)) this.#end(why, error instanceof SignalError ? error : undefined)
    else this.#reconnect(why)
  }

  #isFinal({ code }: CloseDetail): boolean {
    return FINAL_CODES.has(code) || (code === TOKEN_EXPIRED && !this.#options.renewable)
  }

  #end(detail: CloseDetail, error?: Error): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.#socket = undefined
    this.#heartbeat?.stop()
    this.#cancelWait?.()
    this.#attempt.abort()
    globalThis.removeEventListener?.('online', this.#online)
    this.#options.closed(detail, error)
  }
}

/**
 * Expresses an error as a WebSocket close code (RFC 6455, section 7.4.1, and the IANA registry).
 *
 * @returns code 1006 for an error that has no code of its own
 */
function causeOf(error: Error): CloseDetail {
  if (error instanceof SignalError) return { code: PASSING.has(error.code) ? 1013 : 1008, reason: error.code }
  if (error instanceof PeerError && error.code === 'closed') return error.cause as CloseDetail
  return { code: 1006, reason: error.message }
}
