import type { Data } from '../dialects/speaker.ts'
import { STAMP_DIGITS } from '../shared/signals.ts'

const ZERO = 0x30
/** Most signals in one direction. */
export const DIRECTION = 1_000_000_000

/** A stamp: which side of a pair sent the signal, and the signal's number on that side. */
export const stampOf = (side: number, number: number): number => (side + 1) * DIRECTION + number

/** A message whose stamp can be replaced without encoding it again, so that the load generator uses little time. */
export class Stamped {
  readonly #text: readonly [head: string, tail: string] | undefined
  readonly #bytes: Uint8Array<ArrayBuffer> | undefined
  readonly #offset: number
  readonly length: number

  /** @throws Error if the message does not contain the stamp exactly once */
  constructor(message: Data, stamp: number) {
    const text = typeof message === 'string' ? message : new TextDecoder('latin1').decode(message)
    const parts = text.split(String(stamp))
    if (parts.length !== 2) throw new Error(`A stamp is ${parts.length - 1} times in a message`)
    const [head, tail] = parts as [string, string]
    this.#offset = head.length
    this.length = message.length
    if (typeof message === 'string') this.#text = [head, tail]
    else this.#bytes = message.slice()
  }

  /** Returns the message with another stamp. A binary message is the same array each time. */
  with(stamp: number): Data {
    if (this.#text !== undefined) return `${this.#text[0]}${stamp}${this.#text[1]}`
    const bytes = this.#bytes as Uint8Array<ArrayBuffer>
    let left = stamp
    for (let i = this.#offset + STAMP_DIGITS - 1; i >= this.#offset; i--) {
      bytes[i] = ZERO + (left % 10)
      left = Math.floor(left / 10)
    }
    return bytes
  }

  /** Reads the stamp of a message of the same form. Returns NaN if there is none. */
  read(message: Data): number {
    let stamp = 0
    for (let i = this.#offset; i < this.#offset + STAMP_DIGITS; i++) {
      const digit = (typeof message === 'string' ? message.charCodeAt(i) : (message[i] as number)) - ZERO
      if (digit < 0 || digit > 9) return Number.NaN
      stamp = stamp * 10 + digit
    }
    return stamp
  }

  /** Whether a message equals this one with the given stamp, byte by byte. */
  equals(message: Data, stamp: number): boolean {
    const expected = this.with(stamp)
    if (typeof expected === 'string' || typeof message === 'string') return expected === message
    return message.length === expected.length && message.every((byte, i) => byte === expected[i])
  }
}
