import { join, StreamError } from '../shared/mod.ts'
import { type Columns, cellsOf, Fault, numberIn, readColumns } from './recording-columns.ts'

/** What the head of a recording says. */
export interface RecordingHead {
  /** One for each channel. */
  labels: string[]
  /** One for each channel; empty where none is known. */
  units: string[]
  /** Hz; 0 where the file does not say. */
  nominalRate: number
}

/** Rows that follow each other. */
export interface RecordingRows {
  /** Row after row: rows × channels values. */
  data: Float64Array<ArrayBuffer>
  /** ms, one for each row. */
  timestamps: Float64Array<ArrayBuffer>
}

/** No line of a recording is longer, in bytes: 16,384 columns of 64 digits. */
const MAX_LINE = 1_048_576
const LINE_END = /\r\n|\n|\r/
const [LF, CR] = [10, 13]

/** Reads a recording that is text in UTF-8, as its bytes come. */
export class RecordingParser {
  head: RecordingHead | undefined
  #columns: Columns | undefined
  /** A line that is not whole yet. */
  #rest: Uint8Array = new Uint8Array()
  /** Bytes before it. */
  #offset = 0
  #line = 0
  #rows = 0
  #openBci = false
  #rate = 0
  #headAt = { line: 1, offset: 0 }
  #fault: unknown

  /**
   * @returns the rows that are whole by now
   * @throws StreamError `bad-recording` with the line and the byte at fault; where rows stand before it, once those were
   *   returned
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

  /** No more will come. */
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
    // What stands behind the last line's end is no line.
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

/** Where whole lines end. A carriage return at the very end may be half of a line's end. */
function endOfLines(bytes: Uint8Array): number {
  const before = bytes.length - 2
  return Math.max(bytes.lastIndexOf(LF), before < 0 ? -1 : bytes.lastIndexOf(CR, before)) + 1
}

/** Where a line begins, of those counted from 0. In UTF-8, damaged or not, no byte of another character ends a line. */
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
