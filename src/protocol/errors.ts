/** The codes of error answers. */
export type SignalErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'room-not-found'
  | 'room-full'
  | 'not-in-room'
  | 'peer-not-found'
  | 'bad-frame'
  | 'frame-too-large'
  | 'rate-limited'
  | 'server-full'
  | 'unsupported-version'

/** The exact cause, if a code has several; otherwise the code itself. */
export type SignalErrorReason =
  | SignalErrorCode
  // bad-frame
  | 'truncated'
  | 'trailing-bytes'
  | 'too-deep'
  | 'unknown-op'
  | 'wrong-type'
  | 'not-msgpack'
  | 'not-json'
  | 'text-on-binary'
  // forbidden
  | 'already-in-room'
  | 'already-added'
  | 'too-many-rooms'
  | 'too-many-subscriptions'
  | 'not-permitted'
  | 'not-initiator'
  | 'another-user'
  | 'restrictions-differ'
  // peer-not-found
  | 'relay-to-self'
  // rate-limited
  | 'slow-receiver'
  | 'too-fast'
  | 'too-costly'
  | 'hello-waits'

/** The body of an error answer. */
export interface SignalErrorBody {
  /** What kind of error it is. A client must treat an unknown code as a rejection. */
  code: SignalErrorCode
  /** The exact cause. A client must treat an unknown reason like its code. */
  reason: SignalErrorReason
  /** For people: what failed, why, and what to do. Its wording may change. */
  message: string
  /** The destination of the relay frame that the error answers. */
  peer?: number
  /** After how many milliseconds the same request may succeed. */
  retryAfter?: number
}

/**
 * A rejected request, or a frame that violates the protocol.
 *
 * @example
 * ```ts
 * import { SignalError } from 'datastreams-webrtc'
 *
 * const error = new SignalError('room-full', 'Cannot join the room: it is full (max 2)')
 * console.log(error.code, error.reason) // room-full room-full
 * ```
 */
export class SignalError extends Error {
  /** `SignalError`, by which `instanceof` recognizes the error. */
  override readonly name = 'SignalError'
  /** What kind of error it is, for programs. */
  readonly code: SignalErrorCode
  /** The exact cause; the same as `code` if the code has only one. */
  readonly reason: SignalErrorReason
  /** The option that sets the limit which was reached. It is not sent to the client. */
  readonly limit?: string
  /** After how many milliseconds the same request may succeed, if waiting helps. */
  readonly retryAfter?: number

  /**
   * Creates an error that the service can send as an answer.
   *
   * @param code the kind of error
   * @param message for people; the other end receives it too
   * @param options `reason` is the exact cause, by default the code. `limit` names the option whose limit was reached.
   */
  constructor(
    code: SignalErrorCode,
    message: string,
    options: { reason?: SignalErrorReason; cause?: unknown; limit?: string; retryAfter?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.reason = options.reason ?? code
    if (options.limit !== undefined) this.limit = options.limit
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter
  }

  /** Recognizes the errors of every copy of this class: the package's entries for servers and peers have one each. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: subclasses inherit this method, and recognize only their own errors
    if (this !== SignalError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return value instanceof Error && value.name === 'SignalError'
  }

  /** Creates an error for a frame that cannot be read. */
  static badFrame(reason: SignalErrorReason, message: string, cause?: unknown): SignalError {
    return new SignalError('bad-frame', message, { reason, cause })
  }

  /** Returns the body of the error answer: without `cause` and `limit`, which stay on this side. */
  toJSON(): SignalErrorBody {
    const { code, reason, message, retryAfter } = this
    return { code, reason, message, ...(retryAfter !== undefined && { retryAfter }) }
  }
}
