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
  /** `PeerError`. It identifies the error where `instanceof` fails: if the package is loaded twice. */
  override readonly name = 'PeerError'
  /** For programs. The message is for people. */
  readonly code: PeerErrorCode

  /**
   * Creates an error.
   *
   * @param code why the session or the link failed
   * @param message what failed, why, and what to do
   * @param cause the error behind this one, if there is one
   */
  constructor(code: PeerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
