import {
  type Frame,
  type Greeting,
  isKeepaliveOp,
  type KeepaliveOp,
  Op,
  Replay,
  SignalError,
} from '../../protocol/both-ends.ts'
import { PeerError, unlessAborted } from '../shared/mod.ts'
import { encodeFrame } from '../wire/mod.ts'
import {
  type CloseDetail,
  detailOf,
  detailOfError,
  INTERRUPTED,
  isFinal,
  REPLAY_OVERFLOW,
  SILENT,
} from './close-detail.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { greet, readFrame } from './handshake.ts'
import { Heartbeat } from './heartbeat.ts'
import { ReconnectTimer } from './reconnect-timer.ts'

/** How many bytes of unacknowledged frames the client buffers. */
const REPLAY_BYTES = 1024 * 1024

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
  readonly #timer: ReconnectTimer
  /** Aborts the current attempt. */
  #attempt = new AbortController()

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#timer = new ReconnectTimer(options.timing, () => void this.#try())
  }

  /** Connects for the first time. @throws as `greet`, and whatever `hello` throws */
  async open(signal: AbortSignal = this.#attempt.signal): Promise<void> {
    try {
      await this.#greet(signal)
    } catch (error) {
      this.#end(detailOfError(error as Error))
      throw error
    }
    this.#timer.listen()
  }

  /** Sends a frame. While disconnected, a resumable session buffers the frame and sends it after the resume. */
  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#resumeToken !== undefined) this.#replay.keep(frame)
    this.#socket?.send(frame)
  }

  /** Simulates a network failure. @param seconds how long no attempt to reconnect starts */
  interrupt(seconds: number): void {
    if (this.state === 'closed') return
    this.#timer.pause(seconds)
    if (this.#socket !== undefined) this.#drop(INTERRUPTED)
    else {
      this.#attempt.abort()
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
    const body = await unlessAborted(signal, hello)
    const token = this.#resumeToken
    const resume = token === undefined ? reconnect || undefined : { token, received: this.#replay.received }
    await greet({ url, Socket, hello: { ...body, resume }, timing, signal }, (socket, answer, early) =>
      this.#greeted(socket, answer, early),
    )
  }

  #greeted(socket: WebSocket, answer: Greeting, early: Frame[]): void {
    const { timing } = this.#options
    const missing = answer.recovered ? this.#missing(answer.received) : []
    this.#resumeToken = missing && answer.resume?.token
    if (missing === undefined) {
      // The server needs frames that the buffer has dropped. The close code 1000 makes it end the session at once.
      socket.close(1000)
      throw new PeerError(
        'closed',
        'Cannot resume the session: more was sent while disconnected than the replay buffer holds',
        REPLAY_OVERFLOW,
      )
    }
    if (!answer.recovered) this.#replay = new Replay(REPLAY_BYTES)
    this.#socket = socket
    this.#timer.connected()
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
    for (const frame of early) this.#options.frame(frame)
  }

  /** @returns the frames that the server has not received; undefined if the buffer has dropped one of them */
  #missing(received: number): Uint8Array<ArrayBuffer>[] | undefined {
    return this.#replay.acknowledge(received) ? this.#replay.missing(received) : undefined
  }

  #receive(data: unknown): void {
    this.#heartbeat?.received()
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
    else this.#heartbeat?.acknowledgeSoon()
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
    const { reconnect, renewable, lost } = this.#options
    this.#socket = undefined
    this.#heartbeat?.stop()
    if (!reconnect || isFinal(detail, renewable)) this.#end(detail)
    else {
      this.state = 'reconnecting'
      lost()
      this.#reconnect(detail)
    }
  }

  #reconnect(why: CloseDetail): void {
    this.#options.reconnecting({ ...this.#timer.start(), ...why })
  }

  async #try(): Promise<void> {
    this.#attempt = new AbortController()
    const { signal } = this.#attempt
    try {
      await this.#greet(signal)
    } catch (error) {
      if (!signal.aborted) this.#failed(error as Error)
    }
  }

  #failed(error: Error): void {
    const why = detailOfError(error)
    if (isFinal(why, this.#options.renewable)) this.#end(why, error instanceof SignalError ? error : undefined)
    else this.#reconnect(why)
  }

  #end(detail: CloseDetail, error?: Error): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.#socket = undefined
    this.#heartbeat?.stop()
    this.#timer.stop()
    this.#attempt.abort()
    this.#options.closed(detail, error)
  }
}
