export type PeerErrorCode =
  | 'bad-option'
  | 'bad-server'
  | 'bad-url'
  | 'closed'
  | 'link-failed'
  | 'lost'
  | 'timeout'
  | 'too-many-requests'
  | 'unreachable'

/** Something on this side, or the way to the others, that failed. What the server refuses is a SignalError. */
export class PeerError extends Error {
  override readonly name = 'PeerError'
  readonly code: PeerErrorCode

  constructor(code: PeerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
