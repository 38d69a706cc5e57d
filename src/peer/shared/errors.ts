/** Why the session or a link failed. docs/troubleshooting.md explains each code. */
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

/** A failure on this side, of the connection or of a link. A request that the server rejects throws SignalError. */
export class PeerError extends Error {
  override readonly name = 'PeerError'
  /** For programs. The message is for people. */
  readonly code: PeerErrorCode

  constructor(code: PeerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
