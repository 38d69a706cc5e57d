/** What is invalid. docs/troubleshooting.md explains each code. */
export type StreamErrorCode =
  | 'bad-chunk'
  | 'bad-control'
  | 'bad-description'
  | 'bad-recording'
  | 'bad-source'
  | 'bad-value'
  | 'rate-limited'
  | 'recording-failed'
  | 'too-many-streams'

/** Of this class and its subclasses. */
const NAMES: ReadonlySet<string> = new Set(['StreamError', 'RecordingError', 'XdfError'])

/**
 * The error for an invalid stream, chunk, value, source or recording. `code` names the kind of error.
 *
 * @example
 * ```ts
 * import { parseRecording, StreamError } from 'datastreams-webrtc/streams'
 *
 * try {
 *   parseRecording('time,left\n0,one')
 * } catch (error) {
 *   if (error instanceof StreamError) console.log(error.code, error.line) // bad-recording 2
 * }
 * ```
 */
export class StreamError extends Error {
  /** The class's name, by which `instanceof` recognizes the error. */
  override readonly name: string = 'StreamError'
  /** What is invalid, for programs. The message is for people. */
  readonly code: StreamErrorCode
  /** Of a text recording: the line with the fault, counted from 1. */
  readonly line: number | undefined
  /**
   * Of a recording: the byte where the fault begins, counted from 0. In a text recording, the first byte of the line.
   */
  readonly offset: number | undefined

  /**
   * Creates an error.
   *
   * @param code what is invalid
   * @param message what failed, and why
   * @param options the place of the fault in a recording, and the error behind this one
   */
  constructor(
    code: StreamErrorCode,
    message: string,
    options: { line?: number; offset?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.line = options.line
    this.offset = options.offset
  }

  /** Recognizes the errors of every copy of this class: the package's entries for streams and peers have one each. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: subclasses inherit this method, and recognize only their own errors
    if (this !== StreamError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return value instanceof Error && NAMES.has(value.name)
  }
}
