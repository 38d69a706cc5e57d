export type StreamErrorCode =
  | 'bad-chunk'
  | 'bad-control'
  | 'bad-description'
  | 'bad-recording'
  | 'bad-source'
  | 'bad-value'
  | 'recording-failed'

/**
 * Something that is no stream, or does not fit the one it is meant for.
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
  override readonly name: string = 'StreamError'
  readonly code: StreamErrorCode
  /** Of a recording that is text: the line at fault, counted from 1. */
  readonly line: number | undefined
  /** Of a recording: the byte that the fault begins at, counted from 0; where it is text, the line's first byte. */
  readonly offset: number | undefined

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
}
