import { SignalError } from './errors.ts'
import { MAX_DEPTH } from './limits.ts'

/** A JSON message, as before version 1: a command, and an id that its answer repeats. */
export interface Envelope {
  /** The name of an op, such as `connect`. Not checked yet: any JSON value. */
  cmd: unknown
  /** The body of the request or signal; undefined if the message has none. */
  data?: unknown
  /** Any value that the answer repeats. Without one, a successful signal has no answer. */
  callbackId?: unknown
}

/**
 * Reads a JSON message `{data: {cmd, data}, callbackId?}`. It evaluates nothing: a string that looks like a function
 * stays a string.
 *
 * @throws SignalError `bad-frame`, reason `not-json`, `too-deep` or `wrong-type`
 */
export function parseEnvelope(text: string): Envelope {
  checkDepth(text)
  let message: unknown
  try {
    message = JSON.parse(text, refuseUnsafe)
  } catch (cause) {
    throw SignalError.badFrame('not-json', `Cannot read a message that is not JSON: ${(cause as Error).message}`, cause)
  }
  return readEnvelope(message)
}

/**
 * Reads a message that a host has already parsed.
 *
 * @throws SignalError `bad-frame`, reason `wrong-type`
 */
export function readEnvelope(message: unknown): Envelope {
  const { data, callbackId } = (isObject(message) ? message : {}) as { data?: unknown; callbackId?: unknown }
  if (!isObject(data)) throw SignalError.badFrame('wrong-type', 'Cannot read a message without {data: {cmd}}')
  return { cmd: data.cmd, data: data.data, callbackId }
}

/**
 * Writes a value as JSON text. Bytes become `{"base64": "…"}`. A bigint becomes its decimal string, because JavaScript
 * reads JSON numbers exactly only up to 2^53.
 *
 * @throws SignalError `bad-frame`, reason `not-json`, for a value that contains itself or is nested too deep to write.
 *   Text cannot contain such a value, but a host that parses its messages itself can pass one.
 */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value, writeItem)
  } catch (cause) {
    throw SignalError.badFrame('not-json', 'Cannot write a circular value as JSON', cause)
  }
}

/** Reads the value from its holder: `toJSON` has already turned a Node Buffer in `item` into an object of numbers. */
function writeItem(this: Record<string, unknown>, key: string, item: unknown): unknown {
  const bytes = this[key]
  if (bytes instanceof Uint8Array) return { base64: base64(bytes) }
  return typeof item === 'bigint' ? item.toString() : item
}

/** Returns whether a value is an object with properties: neither null nor an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A lone surrogate has no UTF-8 form. Relayed as msgpack, it would make every strict reader in the room fail. */
const refuseUnsafe = (key: string, value: unknown): unknown => {
  if (key === '__proto__') throw new SyntaxError('the key __proto__ is not allowed')
  if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed())) {
    throw new SyntaxError('half a surrogate pair is not allowed')
  }
  return value
}

/** Checks the depth before parsing: JSON.parse accepts any depth, but later code recurses over its result. */
function checkDepth(text: string): void {
  let depth = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (quoted) {
      if (code === 0x5c) i++
      else if (code === 0x22) quoted = false
    } else if (code === 0x22) quoted = true
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > MAX_DEPTH) {
        throw SignalError.badFrame('too-deep', `Cannot read a message nested deeper than ${MAX_DEPTH}`)
      }
    } else if (code === 0x5d || code === 0x7d) depth--
  }
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
