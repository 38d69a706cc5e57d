import {
  decodeFrame,
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
  SignalError,
  type SignalErrorBody,
  SUBPROTOCOL,
} from '../protocol/mod.ts'
import { PeerError } from './errors.ts'

/** How long an answer may take, in ms. */
const REQUEST_TIMEOUT = 10_000
/** Requests that wait for their answer at once. */
const MAX_REQUESTS = 1_024
/** Largest message from the server, in bytes; listings of rooms are longer than what it takes itself. */
const MAX_INCOMING_BYTES = 16 * 1024 * 1024

export interface SignalingHandlers {
  event(op: EventOp, body: unknown): void
  relay(name: RelayName, origin: number, body: unknown): void
  /** A refusal that answers no request. */
  refused(error: SignalError): void
  close(detail: { code: number; reason: string }): void
}

interface Pending {
  resolve(result: unknown): void
  reject(error: Error): void
  timer: ReturnType<typeof setTimeout>
}

/** The connection to the server: frames in and out, answers matched to requests. */
export class Signaling {
  /** Frames that could not be read, such as a peer's whose body is no msgpack. */
  dropped = 0
  readonly #socket: WebSocket
  readonly #handlers: SignalingHandlers
  readonly #pending = new Map<number, Pending>()
  #seq = 0

  constructor(socket: WebSocket, handlers: SignalingHandlers) {
    this.#socket = socket
    this.#handlers = handlers
    socket.addEventListener('message', ({ data }) => this.#receive(data))
    socket.addEventListener('close', ({ code, reason }) => {
      this.#rejectAll(
        new PeerError('closed', `The connection to the server was closed with ${code} ${reason}`.trimEnd()),
      )
      handlers.close({ code, reason })
    })
  }

  /** @throws SignalError what the server refused; PeerError `timeout`, `closed`, `too-many-requests` */
  request<Name extends keyof RequestBodies>(name: Name, body: RequestBodies[Name]): Promise<unknown> {
    if (this.#socket.readyState !== this.#socket.OPEN) {
      return Promise.reject(new PeerError('closed', `Cannot ask for ${name} as the connection to the server is closed`))
    }
    if (this.#pending.size >= MAX_REQUESTS) {
      return Promise.reject(
        new PeerError('too-many-requests', `Cannot ask for ${name} as ${MAX_REQUESTS} requests wait`),
      )
    }
    const seq = ++this.#seq
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(seq)
        reject(new PeerError('timeout', `The server did not answer ${name} within ${REQUEST_TIMEOUT} ms`))
      }, REQUEST_TIMEOUT)
      this.#pending.set(seq, { resolve, reject, timer })
      try {
        this.#socket.send(encodeFrame([Op[name], seq, body] as RequestFrame) as Uint8Array<ArrayBuffer>)
      } catch (error) {
        this.#settle(seq)
        reject(error)
      }
    })
  }

  /** Passes a signal to somebody in a common room. A closed connection takes none: its rooms are gone with it. */
  relay(name: RelayName, peer: number, body: unknown): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(encodeFrame([Op[name], peer, body]) as Uint8Array<ArrayBuffer>)
  }

  close(): void {
    this.#socket.close(1000)
  }

  #receive(data: unknown): void {
    const frame = this.#decode(data)
    if (frame === undefined) return
    const [op, second, body] = frame
    if (isAnswerOp(op)) this.#answer(op, second as number, body)
    else if (isRelayOp(op)) this.#handlers.relay(opName(op) as RelayName, second as number, body)
    else if (frame.length === 2) this.#handlers.event(op as EventOp, second)
    else this.dropped++
  }

  #decode(data: unknown): Frame | undefined {
    try {
      if (data instanceof ArrayBuffer) return decodeFrame(new Uint8Array(data), MAX_INCOMING_BYTES)
    } catch (error) {
      // The server forwards bodies unread, so what is in them may be anything; it is nobody's fault on this side.
      if (!(error instanceof SignalError)) throw error
    }
    this.dropped++
    return undefined
  }

  #answer(op: number, seq: number, body: unknown): void {
    const error = op === Op.error ? toError(body as SignalErrorBody) : undefined
    const pending = this.#settle(seq)
    if (error === undefined) pending?.resolve(body)
    else if (pending !== undefined) pending.reject(error)
    // A peer that has just gone cannot be reached: `disconnectPeer` says so anyway.
    else if (error.code !== 'peer-not-found' && error.code !== 'not-in-room') this.#handlers.refused(error)
  }

  #settle(seq: number): Pending | undefined {
    const pending = this.#pending.get(seq)
    clearTimeout(pending?.timer)
    this.#pending.delete(seq)
    return pending
  }

  #rejectAll(error: Error): void {
    for (const seq of [...this.#pending.keys()]) this.#settle(seq)?.reject(error)
  }
}

const toError = ({ code, reason, message }: SignalErrorBody): SignalError => new SignalError(code, message, { reason })

/** What makes a WebSocket; the platform's own by default. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocket

/**
 * Opens a socket that speaks version 1.
 *
 * @throws PeerError `unreachable`, `timeout`, or the signal's reason
 */
export function openSocket(url: string, Socket: WebSocketConstructor, signal?: AbortSignal): Promise<WebSocket> {
  signal?.throwIfAborted()
  const socket = new Socket(url, [SUBPROTOCOL])
  socket.binaryType = 'arraybuffer'
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      socket.removeEventListener('open', open)
      socket.removeEventListener('close', fail)
      if (error === undefined) return resolve(socket)
      socket.close()
      reject(error)
    }
    const open = () => settle()
    const abort = () => settle(signal?.reason)
    const fail = () => settle(new PeerError('unreachable', `Cannot reach the server at ${url}`))
    const timer = setTimeout(
      () => settle(new PeerError('timeout', `The server at ${url} did not answer within ${REQUEST_TIMEOUT} ms`)),
      REQUEST_TIMEOUT,
    )
    socket.addEventListener('open', open)
    socket.addEventListener('close', fail)
    signal?.addEventListener('abort', abort)
  })
}
