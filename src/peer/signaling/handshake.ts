import {
  answerSchemas,
  type Frame,
  type Greeting,
  isAnswerOp,
  Op,
  type RequestBodies,
  SignalError,
  type SignalErrorBody,
  SUBPROTOCOL,
} from '../../protocol/both-ends.ts'
import { PeerError, type Timing } from '../shared/mod.ts'
import { decodeFrame, encodeFrame } from '../wire/mod.ts'
import { type CloseDetail, closedError, detailOf } from './close-detail.ts'
import { readBody } from './read-body.ts'

/** The `seq` of `hello`. All other requests have greater ones. */
export const HELLO_SEQ = 1

/** The largest message from the server, in bytes. Room listings may exceed the limit for messages to the server. */
const MAX_INCOMING_BYTES = 16 * 1024 * 1024

/** The most events to keep until the answer: more than the peers of any room. */
const MAX_EARLY_EVENTS = 4_096

/** The constructor of WebSockets; the platform's by default. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocket

export interface GreetOptions {
  url: string
  Socket: WebSocketConstructor
  hello: RequestBodies['hello']
  timing: Timing
  signal: AbortSignal
}

/**
 * Opens a WebSocket with the subprotocol of version 1, and sends `hello`. Ignores messages before the answer, because
 * they concern a temporary user. That user disappears when a session resumes. If the hello enters a room, the peers of
 * that room are announced before the answer.
 *
 * @param greeted called in the same task as the answer, because more frames may follow immediately. `early` has the
 *   events about the peers of the entered room
 * @throws PeerError `timeout`, `bad-server`; `unreachable` and `closed`, whose `cause` is a CloseDetail; SignalError if the
 *   server rejects `hello`; the signal's reason
 */
export function greet(
  options: GreetOptions,
  greeted: (socket: WebSocket, answer: Greeting, early: Frame[]) => void,
): Promise<void> {
  const { url, Socket, hello, timing, signal } = options
  const early: Frame[] = []
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const frame = encodeFrame([Op.hello, HELLO_SEQ, hello])
    const socket = new Socket(url, [SUBPROTOCOL])
    socket.binaryType = 'arraybuffer'
    let opened = false
    const open = () => {
      opened = true
      cancel()
      cancel = timing.after(timing.answer, () =>
        fail(new PeerError('timeout', `The server did not answer hello within ${timing.answer} ms`)),
      )
      socket.send(frame)
    }
    const message = ({ data }: MessageEvent) => {
      try {
        const frame = readFrame(data)
        const answer = readAnswer(frame)
        if (answer === undefined) {
          const isKept = hello.connect !== undefined && isAboutPeer(frame) && early.length < MAX_EARLY_EVENTS
          if (isKept) early.push(frame)
          return
        }
        settle()
        greeted(socket, answer, early)
        resolve()
      } catch (error) {
        fail(error)
      }
    }
    const close = (event: CloseEvent) => {
      const detail = detailOf(event)
      fail(opened ? closedError(detail) : unreachable(url, detail))
    }
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
      // The code 1000 ends a session, and the server may have resumed the session on this WebSocket already.
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

/** @returns undefined for an unreadable message: the server forwards a peer's body without validating it */
export function readFrame(data: unknown): Frame | undefined {
  try {
    return data instanceof ArrayBuffer ? decodeFrame(new Uint8Array(data), MAX_INCOMING_BYTES) : undefined
  } catch (error) {
    if (error instanceof SignalError) return undefined
    throw error
  }
}

export const toSignalError = ({ code, reason, message, retryAfter }: SignalErrorBody): SignalError =>
  new SignalError(code, message, { reason, ...(typeof retryAfter === 'number' && { retryAfter }) })

/** A WebSocket reports neither the status nor the text of a refusal. So the message names the refusals that may apply. */
function unreachable(url: string, cause: CloseDetail): PeerError {
  const { hostname } = new URL(url)
  const page = globalThis.location?.origin
  const refusals = [
    page && `pages of ${page} (its option --origin)`,
    // The server always accepts localhost, and nearly always an address.
    /[a-z]/.test(hostname) &&
      !/^\[|(^|\.)localhost$/.test(hostname) &&
      `the name ${hostname} (its option --public-url)`,
  ].filter(Boolean)
  const hint = refusals.length === 0 ? '' : `. If it runs, it may refuse ${refusals.join(' or ')}`
  return new PeerError('unreachable', `Cannot reach the server at ${url}${hint}`, cause)
}

/** Whether a frame announces a peer in a room, or its departure. */
const isAboutPeer = (frame: Frame | undefined): frame is Frame =>
  frame?.length === 2 && (frame[0] === Op.connect || frame[0] === Op.disconnectPeer)

function readAnswer(frame: Frame | undefined): Greeting | undefined {
  const [op, seq, body] = frame ?? []
  if (!isAnswerOp(op) || seq !== HELLO_SEQ) return undefined
  if (op === Op.error) throw toSignalError(body as SignalErrorBody)
  return readBody(answerSchemas.hello, body)
}
