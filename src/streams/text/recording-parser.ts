import { join, StreamError } from '../shared/mod.ts'
import { type Columns, cellsOf, Fault, numberIn, readColumns } from './recording-columns.ts'

/** What the lines before the first row of a recording contain. */
export interface RecordingHead {
  /** One for each channel. */
  labels: string[]
  /** One for each channel; empty if unknown. */
  units: string[]
  /** Hz; 0 if the file has no rate. */
  nominalRate: number
}

/** Consecutive rows. */
export interface RecordingRows {
  /** Row after row: rows × channels values. */
  data: Float64Array<ArrayBuffer>
  /** ms, one for each row. */
  timestamps: Float64Array<ArrayBuffer>
}

/** Longest line of a recording, in bytes: 16,384 columns of 64 digits. */
const MAX_LINE = 1_048_576
const LINE_END = /\r\n|\n|\r/
const [LF, CR] = [10, 13]

/** Reads a text recording (UTF-8) as its bytes arrive. */
export class RecordingParser {
  /** The columns; undefined until the line of column names was read. */
  head: RecordingHead | undefined
  #columns: Columns | undefined
  /** The bytes of an incomplete last line. */
  #rest: Uint8Array = new Uint8Array()
  /** Number of bytes before `#rest`. */
  #offset = 0
  #line = 0
  #rows = 0
  #openBci = false
  #rate = 0
  #headAt = { line: 1, offset: 0 }
  #fault: unknown

  /**
   * Adds bytes of the file.
   *
   * @returns the rows that are complete so far
   * @throws StreamError `bad-recording` with the line and the byte of the fault. If valid rows precede the fault, this
   *   call returns them and the next call throws
   */
  push(bytes: Uint8Array): RecordingRows {
    if (this.#fault !== undefined) throw this.#fault
    const whole = this.#rest.length === 0 ? bytes : join(Uint8Array, [this.#rest, bytes])
    const end = endOfLines(whole)
    this.#rest = whole.slice(end)
    const rows = this.#read(whole.subarray(0, end))
    if (this.#rest.length > MAX_LINE && this.#fault === undefined) {
      this.#fault = bad(`it is longer than ${MAX_LINE} bytes`, { line: this.#line + 1, offset: this.#offset })
      if (rows.timestamps.length === 0) throw this.#fault
    }
    return rows
  }

  /**
   * Ends the file: reads a last line that has no line break.
   *
   * @returns the last row, if there is one
   * @throws StreamError `bad-recording` for a fault in the last line, or for a file without column names or rows
   */
  end(): RecordingRows {
    if (this.#fault !== undefined) throw this.#fault
    const rows = this.#read(this.#rest)
    this.#rest = new Uint8Array()
    if (this.#columns === undefined) throw bad('there is no line of column names', { line: 1, offset: 0 })
    if (this.#rows === 0) throw bad('there are no rows behind it', this.#headAt)
    return rows
  }

  #read(bytes: Uint8Array): RecordingRows {
    const data: number[] = []
    const timestamps: number[] = []
    const lines = new TextDecoder().decode(bytes).split(LINE_END)
    // After the last line break, `split` returns an empty string that is not a line.
    if (lines.at(-1) === '') lines.pop()
    const lineBefore = this.#line
    const place = () => ({ line: this.#line, offset: this.#offset + lineStart(bytes, this.#line - lineBefore - 1) })
    try {
      for (const line of lines) {
        const headless = this.#columns === undefined
        this.#take(line, data, timestamps)
        if (headless && this.#columns !== undefined) this.#headAt = place()
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const cut = bytes.at(-1) === LF || bytes.at(-1) === CR ? '' : ', and the file ends there'
      this.#fault = bad(`${error.message}${cut}`, place())
      if (timestamps.length === 0) throw this.#fault
    }
    this.#offset += bytes.length
    return { data: Float64Array.from(data), timestamps: Float64Array.from(timestamps) }
  }

  #take(line: string, data: number[], timestamps: number[]): void {
    this.#line++
    if (line.includes('\0')) throw new Fault('it is no text')
    if (this.#line === 1) this.#openBci = line.startsWith('%OpenBCI')
    if (line.startsWith('%')) this.#comment(line)
    else if (line.trim() === '') return
    else if (this.#columns === undefined) this.#begin(line)
    else this.#row(cellsOf(line), this.#columns, data, timestamps)
  }

  #comment(line: string): void {
    const found = /sample rate\s*=\s*([\d.]+)/i.exec(line)?.[1]
    if (this.#columns === undefined && this.#rate === 0 && found !== undefined) this.#rate = Number(found)
  }

  #begin(line: string): void {
    this.#columns = readColumns(line, this.#openBci)
    const { channels } = this.#columns
    this.head = {
      labels: channels.map(({ label }) => label),
      units: channels.map(({ unit }) => unit),
      nominalRate: this.#rate,
    }
  }

  #row(cells: string[], { names, channels, time }: Columns, data: number[], timestamps: number[]): void {
    if (cells.length !== names.length) throw new Fault(`it has ${cells.length} columns and not ${names.length}`)
    const read = (index: number) => numberIn(cells[index] as string, names[index] as string)
    const values = channels.map(({ index }) => read(index))
    timestamps.push(
      time ? read(time.index) * time.scale : this.#rate > 0 ? (this.#rows * 1000) / this.#rate : this.#rows,
    )
    data.push(...values)
    this.#rows++
  }
}

/**
 * Returns the offset after the last complete line. A carriage return as the last byte may be the first half of a CRLF.
 */
function endOfLines(bytes: Uint8Array): number {
  const before = bytes.length - 2
  return Math.max(bytes.lastIndexOf(LF), before < 0 ? -1 : bytes.lastIndexOf(CR, before)) + 1
}

/**
 * Returns the offset of a line, counting lines from 0. In UTF-8, even damaged, no byte of another character is CR or
 * LF.
 */
function lineStart(bytes: Uint8Array, line: number): number {
  let at = 0
  for (let left = line; left > 0; at++) {
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) left--
  }
  return at
}

const bad = (why: string, { line, offset }: { line: number; offset: number }): StreamError =>
  new StreamError('bad-recording', `Cannot read the recording at line ${line}, byte ${offset}: ${why}`, {
    line,
    offset,
  })
