import type { Samples } from '../chunks/mod.ts'
import type { StreamDescription } from '../description/mod.ts'
import { StreamError } from '../shared/mod.ts'
import { BytePieces } from './byte-pieces.ts'
import type { XdfClockOffset, XdfFooter } from './xdf-chunks.ts'
import { readFooter } from './xdf-footer.ts'
import { BOUNDARY, hasStream, isXdf, MAGIC, Tag } from './xdf-format.ts'
import { readOrigin, readStreamHeader, type XdfOrigin } from './xdf-header.ts'
import { readSamples, type SampleState } from './xdf-samples.ts'
import { readVarlen } from './xdf-varlen.ts'
import { parseXml, type XmlElement } from './xml.ts'

/** A part of a file; parts come in the order of the file. `stream` is the stream's number in the file. */
export type XdfPart =
  | { kind: 'file'; header: XmlElement }
  | { kind: 'stream'; stream: number; description: StreamDescription; origin: XdfOrigin; header: XmlElement }
  /** Timestamps are in seconds on the clock of the stream's source. */
  | { kind: 'samples'; stream: number; samples: Samples }
  | { kind: 'offset'; stream: number; offset: XdfClockOffset }
  | { kind: 'footer'; stream: number; footer: XdfFooter; xml: XmlElement }
  /** A chunk of a kind that XDF 1.0 does not define. */
  | { kind: 'unknown'; tag: number; bytes: number }
  /**
   * Bytes that could not be read. Reading continues after the next boundary, or at the next chunk if its place is
   * known.
   */
  | { kind: 'damage'; error: StreamError }

/** Longest chunk, in bytes; a greater length is damage. An hour of 256 channels × 128 Hz in one chunk is shorter. */
const MAX_CHUNK = 536_870_912
/** Bytes of the longest length field and a tag. */
const MAX_HEAD = 9 + 2

const utf8 = new TextDecoder('utf-8')

/**
 * Reads an XDF file as its bytes arrive. Memory holds only one chunk. The reader accepts files in which other writers
 * omitted something. It yields damage as a part and skips it.
 */
export class XdfReader {
  readonly #bytes = new BytePieces()
  readonly #streams = new Map<number, SampleState>()
  #state: 'begin' | 'chunks' | 'lost' | 'over' = 'begin'
  /** Bytes that the current chunk needs. */
  #need: number = MAGIC.length;

  /** Adds bytes of the file, in pieces of any length, and yields the parts that are complete. */
  *push(piece: Uint8Array): Generator<XdfPart, void> {
    this.#bytes.push(piece)
    yield* this.#read(false)
  }

  /** Ends the file, and yields its last parts. */
  *end(): Generator<XdfPart, void> {
    yield* this.#read(true)
    while (this.#state === 'chunks' && this.#bytes.length > 0) {
      yield this.#damaged(`the file ends within a chunk, ${this.#need - this.#bytes.length} bytes before its end`)
      yield* this.#read(true)
    }
    if (this.#state === 'begin') yield this.#refuse()
  }

  *#read(ended: boolean): Generator<XdfPart, void> {
    for (;;) {
      if (this.#state === 'over') this.#bytes.skip(this.#bytes.length)
      if (this.#state === 'lost' && !this.#findBoundary(ended)) return
      if (this.#bytes.length < this.#need) return
      const part = this.#state === 'begin' ? this.#begin() : this.#chunk()
      if (part !== undefined) yield part
    }
  }

  #begin(): XdfPart | undefined {
    if (!isXdf(this.#bytes.peek(MAGIC.length))) return this.#refuse()
    this.#pass(MAGIC.length)
    return undefined
  }

  /** @returns undefined for a boundary, or if bytes are still missing */
  #chunk(): XdfPart | undefined {
    const head = this.#bytes.peek(MAX_HEAD)
    const width = head[0] as number
    if (width !== 1 && width !== 4 && width !== 8) return this.#damaged(`a chunk begins with the byte ${width}`)
    this.#need = 1 + width + 2
    if (head.length < this.#need) return undefined
    // Such a length is too great for any file, and may be too great for a number.
    const length = width === 8 && (head[7] !== 0 || head[8] !== 0) ? Infinity : readVarlen(head, 0).value
    const tag = (head[1 + width] as number) | ((head[2 + width] as number) << 8)
    const least = hasStream(tag) ? 6 : 2
    if (length < least) return this.#damaged(`a chunk has ${length} bytes`)
    if (length > MAX_CHUNK) return this.#damaged(`a chunk has ${length} bytes, and ${MAX_CHUNK} at most are read`)
    this.#need = 1 + width + length
    if (this.#bytes.length < this.#need) return undefined
    const content = this.#bytes.peek(this.#need).subarray(1 + width + 2)
    const { offset } = this.#bytes
    try {
      return this.#content(tag, content)
    } catch (cause) {
      return damage(`${nameOf(tag)}: ${(cause as Error).message}`, offset, cause)
    } finally {
      this.#pass(this.#need)
    }
  }

  /** @throws Error if the content is invalid */
  #content(tag: number, bytes: Uint8Array): XdfPart | undefined {
    if (tag === Tag.boundary) return undefined
    if (tag === Tag.fileHeader) return { kind: 'file', header: parseXml(utf8.decode(bytes)) }
    if (!hasStream(tag)) return { kind: 'unknown', tag, bytes: bytes.length }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const stream = view.getUint32(0, true)
    const content = bytes.subarray(4)
    if (tag === Tag.streamHeader) return this.#stream(stream, parseXml(utf8.decode(content)))
    const state = this.#streams.get(stream)
    if (state === undefined) throw new RangeError(`stream ${stream} has no header`)
    if (tag === Tag.samples) return { kind: 'samples', stream, samples: readSamples(content, state) }
    if (tag === Tag.clockOffset) {
      if (content.length !== 16) throw new RangeError(`it has ${content.length} bytes and not 16`)
      return { kind: 'offset', stream, offset: { time: view.getFloat64(4, true), offset: view.getFloat64(12, true) } }
    }
    const xml = parseXml(utf8.decode(content))
    return { kind: 'footer', stream, footer: readFooter(xml), xml }
  }

  #stream(stream: number, header: XmlElement): XdfPart {
    if (this.#streams.has(stream)) throw new RangeError(`stream ${stream} has a header already`)
    const description = readStreamHeader(header)
    this.#streams.set(stream, { description, last: 0, samples: 0 })
    return { kind: 'stream', stream, description, origin: readOrigin(header), header }
  }

  #pass(bytes: number): void {
    this.#bytes.skip(bytes)
    this.#state = 'chunks'
    this.#need = 1
  }

  /** Skips everything up to the next boundary. */
  #damaged(why: string): XdfPart {
    const part = damage(why, this.#bytes.offset)
    this.#state = 'lost'
    // It is unknown how many samples were lost, so timestamps deduced across the gap would be wrong.
    for (const state of this.#streams.values()) state.last = Number.NaN
    return part
  }

  #findBoundary(ended: boolean): boolean {
    const bytes = this.#bytes.peek(this.#bytes.length)
    const at = indexOf(bytes, BOUNDARY)
    if (at >= 0) this.#pass(at + BOUNDARY.length)
    else this.#bytes.skip(ended ? bytes.length : Math.max(0, bytes.length - BOUNDARY.length + 1))
    return at >= 0
  }

  /** Rejects a file that is not XDF. */
  #refuse(): XdfPart {
    const begin = this.#bytes.peek(MAGIC.length)
    this.#state = 'over'
    if (begin.length === 0) return damage('the file is empty', 0)
    const packed = begin[0] === 0x1f && begin[1] === 0x8b
    return damage(`a file must begin with ${MAGIC}${packed ? ': it is compressed, unpack it with gunzip' : ''}`, 0)
  }
}

const names = ['', 'the file header', 'a stream header', 'samples', 'a clock offset', 'a boundary', 'a stream footer']
const nameOf = (tag: number): string => names[tag] ?? `a chunk of kind ${tag}`

function damage(why: string, offset: number, cause?: unknown): XdfPart {
  const message = `Cannot read the recording at byte ${offset}: ${why}`
  return { kind: 'damage', error: new StreamError('bad-recording', message, { offset, cause }) }
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = bytes.indexOf(wanted[0] as number); at >= 0; at = bytes.indexOf(wanted[0] as number, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at
  }
  return -1
}
