import {
  decodeFrame,
  encodeFrame,
  type Frame,
  isAnswerOp,
  Op,
  type RequestBodies,
  SignalError,
  type SignalErrorBody,
  SUBPROTOCOL,
} from '../../protocol/mod.ts'
import { PeerError, type Timing } from '../shared/mod.ts'
import { bodies, type Greeting, readBody } from './server-messages.ts'

/** The number of the request `hello`; all others have greater ones. */
export const HELLO_SEQ = 1

/** Largest message from the server, in bytes; listings of rooms are longer than what it takes itself. */
const MAX_INCOMING_BYTES = 16 * 1024 * 1024

/** What makes a WebSocket; the platform's own by default. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocket

/** Why a connection is over, as in a WebSocket's CloseEvent. */
export interface CloseDetail {
  code: number
  reason: string
}

export interface GreetOptions {
  url: string
  Socket: WebSocketConstructor
  hello: RequestBodies['hello']
  timing: Timing
  signal: AbortSignal
}

/**
 * Opens a socket that speaks version 1, and says hello. What comes before the answer is about a user who may be gone by
 * then, and is not looked at.
 *
 * @param greeted is called in the very task of the answer, as frames may be right behind it
 * @throws PeerError `unreachable`, `timeout`, `bad-server`, `closed` (whose `cause` is a CloseDetail); SignalError what
 *   the server refused; the signal's reason
 */
export function greet(options: GreetOptions, greeted: (socket: WebSocket, answer: Greeting) => void): Promise<void> {
  const { url, Socket, hello, timing, signal } = options
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const said = encodeFrame([Op.hello, HELLO_SEQ, hello])
    const socket = new Socket(url, [SUBPROTOCOL])
    socket.binaryType = 'arraybuffer'
    let opened = false
    const open = () => {
      opened = true
      cancel()
      cancel = timing.after(timing.answer, () =>
        fail(new PeerError('timeout', `The server did not answer hello within ${timing.answer} ms`)),
      )
      socket.send(said)
    }
    const message = ({ data }: MessageEvent) => {
      try {
        const answer = readAnswer(data)
        if (answer === undefined) return
        settle()
        greeted(socket, answer)
        resolve()
      } catch (error) {
        fail(error)
      }
    }
    const close = (event: CloseEvent) => fail(opened ? closedError(detailOf(event)) : unreachable(url))
    const abort = () => fail(signal.reason)
    const settle = () => {
      cancel()
      signal.removeEventListener('abort', abort)
      socket.removeEventListener('open', open)
      socket.removeEventListener('message', message)
      socket.removeEventListener('close', close)
    }
    const fail = (error: unknown) => {
      settle()
      // A session that is asked for must outlive the attempt: the server may have given it to this socket already.
      socket.close(typeof hello.resume === 'object' ? 4002 : 1000)
      reject(error)
    }
    let cancel = timing.after(timing.answer, () =>
      fail(new PeerError('timeout', `The server at ${url} did not answer within ${timing.answer} ms`)),
    )
    socket.addEventListener('open', open)
    socket.addEventListener('message', message)
    socket.addEventListener('close', close)
    signal.addEventListener('abort', abort)
  })
}

/** A message's frame, or undefined where it cannot be read: the server forwards bodies as they are. */
export function readFrame(data: unknown): Frame | undefined {
  try {
    return data instanceof ArrayBuffer ? decodeFrame(new Uint8Array(data), MAX_INCOMING_BYTES) : undefined
  } catch (error) {
    if (error instanceof SignalError) return undefined
    throw error
  }
}

/** Deno has no code for a connection that was cut; everybody else has 1006 (RFC 6455, 7.4.1). */
export const detailOf = ({ code, reason }: CloseEvent): CloseDetail => ({ code: code || 1006, reason })

export const toSignalError = ({ code, reason, message }: SignalErrorBody): SignalError =>
  new SignalError(code, message, { reason })

export const closedError = (detail: CloseDetail): PeerError =>
  new PeerError(
    'closed',
    `The connection to the server was closed with ${detail.code} ${detail.reason}`.trimEnd(),
    detail,
  )

const unreachable = (url: string): PeerError => new PeerError('unreachable', `Cannot reach the server at ${url}`)

function readAnswer(data: unknown): Greeting | undefined {
  const [op, seq, body] = readFrame(data) ?? []
  if (!isAnswerOp(op) || seq !== HELLO_SEQ) return undefined
  if (op === Op.error) throw toSignalError(body as SignalErrorBody)
  return readBody(bodies.hello, body)
}
