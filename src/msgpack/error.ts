/** What is wrong with msgpack bytes, or with a value that should become such bytes. */
export type MsgpackErrorCode = 'truncated' | 'trailing-bytes' | 'too-deep' | 'not-msgpack'

/** The error for bytes that are not one msgpack value, and for a value that msgpack cannot represent. */
export class MsgpackError extends Error {
  override readonly name = 'MsgpackError'
  readonly code: MsgpackErrorCode

  constructor(code: MsgpackErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** A value of an extension type other than the timestamp, with the bytes that it was read from. */
export class Extension {
  /** −128 to 127. */
  readonly type: number
  readonly data: Uint8Array

  constructor(type: number, data: Uint8Array) {
    this.type = type
    this.data = data
  }
}
