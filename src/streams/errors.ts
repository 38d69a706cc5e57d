export type StreamErrorCode =
  | 'bad-chunk'
  | 'bad-control'
  | 'bad-description'
  | 'bad-recording'
  | 'bad-source'
  | 'bad-value'

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
  override readonly name = 'StreamError'
  readonly code: StreamErrorCode
  /** Of a recording: the line at fault, counted from 1. */
  readonly line: number | undefined

  constructor(code: StreamErrorCode, message: string, options: { line?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.line = options.line
  }
}
