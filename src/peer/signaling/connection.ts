import {
  encodeFrame,
  type Frame,
  isKeepaliveOp,
  type KeepaliveOp,
  Op,
  Replay,
  type RequestBodies,
  SignalError,
  TOKEN_EXPIRED,
} from '../../protocol/mod.ts'
import { PeerError, type Timing, waitBefore } from '../shared/mod.ts'
import { type CloseDetail, detailOf, greet, readFrame, type WebSocketConstructor } from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import type { Greeting } from './server-messages.ts'

/** Bytes that are kept for the server until it says that it has them. */
const REPLAY_BYTES = 1024 * 1024

/** Codes behind which the server would say the same again. */
const FINAL_CODES: ReadonlySet<number> = new Set([1000, 1003, 1008, 1009])
/** Of hello: what may be over by the next attempt. */
const PASSING: ReadonlySet<string> = new Set(['rate-limited', 'server-full'])

/** What this end closes a socket with whose session goes on. */
const INTERRUPTED = { code: 4001, reason: 'Interrupted' } as const
const OVERFLOWN = { code: 1006, reason: 'More was sent meanwhile than is kept' } as const
const SILENT = { code: 4002, reason: 'Silent' } as const

/** An attempt to be connected again. */
export interface Reconnecting extends CloseDetail {
  /** Counts from 1. */
  attempt: number
  /** Seconds until it begins. */
  delay: number
}

export interface ConnectionHandlers {
  frame(frame: Frame): void
  /** Connected: for the first time, with the session as it was, or from scratch. */
  greeted(answer: Greeting): void
  lost(): void
  reconnecting(detail: Reconnecting): void
  /** It is over, for the reason that the error has, if any. */
  closed(detail: CloseDetail, error?: Error): void
}

export interface ConnectionOptions extends ConnectionHandlers {
  url: string
  Socket: WebSocketConstructor
  reconnect: boolean
  /** Whether a token that has expired can be followed by another. */
  renewable: boolean
  /** What to say in each hello, but for `resume`. */
  hello(): Promise<RequestBodies['hello']>
  timing: Timing
}

/** A connection to the server that outlives its socket: what is lost on the way is sent again, by both ends. */
export class Connection {
  state: 'connecting' | 'connected' | 'reconnecting' | 'closed' = 'connecting'
  /** Messages that could not be read, such as a peer's whose body is no msgpack. */
  dropped = 0
  readonly #options: ConnectionOptions
  #socket: WebSocket | undefined
  #heartbeat: Heartbeat | undefined
  #replay = new Replay(REPLAY_BYTES)
  /** The newest, where the server keeps sessions. */
  #resumeToken: string | undefined
  /** Attempts since the last good connection. */
  #attempts = 0
  #connectedSince = 0
  /** No attempt before. */
  #pausedUntil = Number.NEGATIVE_INFINITY
  #attempt = new AbortController()
  /** While it waits for the next attempt. */
  #cancelWait: (() => void) | undefined
  readonly #online = () => this.#hurry()

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** Connects for the first time. Throws as `greet`, and what `hello` throws. */
  async open(signal: AbortSignal = this.#attempt.signal): Promise<void> {
    try {
      await this.#greet(signal)
    } catch (error) {
      this.#end(causeOf(error as Error))
      throw error
    }
    // In pages and Workers; elsewhere nobody tells.
    globalThis.addEventListener?.('online', this.#online)
  }

  /** Sends a frame: at once, or once there is a connection, where the server lets sessions go on. */
  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#resumeToken !== undefined) this.#replay.keep(frame)
    this.#socket?.send(frame)
  }

  /** As if the network was gone for so many seconds. */
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
      // The server would wait for what is not kept any more. Closed like this, it forgets the session at once.
      socket.close(1000)
      throw new PeerError('closed', 'The session cannot go on as more was sent meanwhile than is kept', OVERFLOWN)
    }
    if (!answer.recovered) this.#replay = new Replay(REPLAY_BYTES)
    this.#socket = socket
    this.#connectedSince = timing.now()
    this.state = 'connected'
    this.#heartbeat = new Heartbeat({ timing, ping: () => this.#tell(Op.ping), lost: () => this.#drop(SILENT) })
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#receive(data)
    })
    socket.addEventListener('close', (event) => {
      if (socket === this.#socket) this.#lost(detailOf(event))
    })
    // The first message proves that the new token has come, and makes the old one worthless.
    if (answer.recovered) this.#tell(Op.ping)
    for (const frame of missing) socket.send(frame)
    this.#options.greeted(answer)
  }

  /** What the server lacks of what was sent; undefined where that is not kept. */
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
    if (this.#replay.count(bytes)) this.#tell(Op.ping)
    else this.#heartbeat?.untold()
  }

  #keepAlive(op: KeepaliveOp, received: number): void {
    if (!this.#replay.acknowledge(received)) this.dropped++
    if (op === Op.ping) this.#tell(Op.pong)
  }

  #tell(op: KeepaliveOp): void {
    this.#socket?.send(encodeFrame([op, this.#replay.tell()]))
  }

  /** Gives up a socket that may never say that it is closed. */
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

  /** The network is back: there is no reason to wait. */
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

/** Why an attempt failed, in the terms of a WebSocket (RFC 6455, 7.4.1, and IANA's list): 1006 where it says nothing. */
function causeOf(error: Error): CloseDetail {
  if (error instanceof SignalError) return { code: PASSING.has(error.code) ? 1013 : 1008, reason: error.code }
  if (error instanceof PeerError && error.code === 'closed') return error.cause as CloseDetail
  return { code: 1006, reason: error.message }
}

/** The token may come from anywhere, and take its time. */
function unlessAborted<Result>(signal: AbortSignal, task: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
    task()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}
