import { bad, type Columns, cellsOf, numberIn, readColumns } from './recording-columns.ts'

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

/** No line of a recording is longer, in UTF-16 code units: 16,384 columns of 64 digits. */
const MAX_LINE = 1_048_576

/** Reads a recording that is text, as the text comes. */
export class RecordingParser {
  head: RecordingHead | undefined
  #columns: Columns | undefined
  #rest = ''
  #line = 0
  #rows = 0
  #openBci = false
  #rate = 0
  #headLine = 1
  #fault: unknown

  /**
   * @returns the rows that are whole by now
   * @throws StreamError `bad-recording` with the line at fault; where rows stand before it, once those were returned
   */
  push(text: string): RecordingRows {
    if (this.#fault !== undefined) throw this.#fault
    const whole = this.#rest + text
    // A carriage return at the end may be half of a line's end.
    const held = whole.endsWith('\r') ? 1 : 0
    const lines = whole.slice(0, whole.length - held).split(/\r\n|\n|\r/)
    this.#rest = (lines.pop() as string) + whole.slice(whole.length - held)
    const rows = this.#read(lines)
    if (this.#rest.length > MAX_LINE) throw bad(`it is longer than ${MAX_LINE} characters`, this.#line + 1)
    return rows
  }

  /** No more will come. */
  end(): RecordingRows {
    if (this.#fault !== undefined) throw this.#fault
    const rows = this.#read(this.#rest.split(/\r/))
    this.#rest = ''
    if (this.#columns === undefined) throw bad('there is no line of column names', 1)
    if (this.#rows === 0) throw bad('there are no rows behind it', this.#headLine)
    return rows
  }

  #read(lines: readonly string[]): RecordingRows {
    const data: number[] = []
    const timestamps: number[] = []
    try {
      for (const line of lines) this.#take(line, data, timestamps)
    } catch (error) {
      if (timestamps.length === 0) throw error
      this.#fault = error
    }
    return { data: Float64Array.from(data), timestamps: Float64Array.from(timestamps) }
  }

  #take(line: string, data: number[], timestamps: number[]): void {
    this.#line++
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
    this.#headLine = this.#line
    this.#columns = readColumns(line, this.#openBci, this.#line)
    const { channels } = this.#columns
    this.head = {
      labels: channels.map(({ label }) => label),
      units: channels.map(({ unit }) => unit),
      nominalRate: this.#rate,
    }
  }

  #row(cells: string[], { names, channels, time }: Columns, data: number[], timestamps: number[]): void {
    if (cells.length !== names.length) throw bad(`it has ${cells.length} columns and not ${names.length}`, this.#line)
    const read = (index: number) => numberIn(cells[index] as string, this.#line, names[index] as string)
    const values = channels.map(({ index }) => read(index))
    timestamps.push(
      time ? read(time.index) * time.scale : this.#rate > 0 ? (this.#rows * 1000) / this.#rate : this.#rows,
    )
    data.push(...values)
    this.#rows++
  }
}
