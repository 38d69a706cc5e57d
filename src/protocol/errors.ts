/** Every code that an error answer can carry. */
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

/** What exactly was wrong, where one code has several causes; else the code itself. */
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
  | 'not-permitted'
  | 'not-initiator'
  | 'another-user'
  // peer-not-found
  | 'relay-to-self'
  // rate-limited
  | 'slow-receiver'
  | 'too-fast'
  | 'hello-waits'

/** What an error looks like on the wire. */
export interface SignalErrorBody {
  code: SignalErrorCode
  reason: SignalErrorReason
  message: string
  /** The destination, where the error answers a relay frame. */
  peer?: number
}

/**
 * A refused command or a frame that breaks the protocol.
 *
 * @example
 * ```ts
 * import { SignalError } from 'datastreams-webrtc'
 *
 * const error = new SignalError('room-full', 'Cannot join the room as it is full: max is 2')
 * console.log(error.code, error.reason) // room-full room-full
 * ```
 */
export class SignalError extends Error {
  override readonly name = 'SignalError'
  readonly code: SignalErrorCode
  readonly reason: SignalErrorReason
  /** The option that set the limit which was reached; it does not travel. */
  readonly limit?: string

  constructor(
    code: SignalErrorCode,
    message: string,
    options: { reason?: SignalErrorReason; cause?: unknown; limit?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.reason = options.reason ?? code
    if (options.limit !== undefined) this.limit = options.limit
  }

  /** A frame that cannot be read. */
  static badFrame(reason: SignalErrorReason, message: string, cause?: unknown): SignalError {
    return new SignalError('bad-frame', message, { reason, cause })
  }

  toJSON(): SignalErrorBody {
    return { code: this.code, reason: this.reason, message: this.message }
  }
}
