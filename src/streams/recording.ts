import { StreamError } from './errors.ts'

/** A recorded session. */
export interface Recording {
  /** One for each channel. */
  labels: string[]
  /** One for each channel; empty where none is known. */
  units: string[]
  /** Hz; 0 where the file does not say. */
  nominalRate: number
  /** One for each channel. */
  samples: Float64Array<ArrayBuffer>[]
  /** ms, one for each row. */
  timestamps: Float64Array<ArrayBuffer>
}

/**
 * Reads a recording's text: what the OpenBCI GUI saves as `.txt`, or a CSV file with a line of column names, of which
 * one (`time`, `timestamp`) may be the time in ms, or in s where it says so as `time (s)`.
 *
 * @throws StreamError `bad-recording` with the line at fault
 *
 * @example
 * ```ts
 * import { parseRecording } from 'datastreams-webrtc/streams'
 *
 * const { labels, samples } = parseRecording('time,left (µV),right (µV)\n0,1.5,2\n4,1.75,3')
 * console.log(labels, samples[0]) // [ 'left', 'right' ] Float64Array(2) [ 1.5, 1.75 ]
 * ```
 */
export function parseRecording(text: string): Recording {
  const lines = text.split(/\r\n|\n|\r/)
  const head = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('%'))
  if (head < 0) throw bad('there is no line of column names', 1)
  const names = cellsOf((lines[head] as string).replace(/^\ufeff/, ''))
  const openBci = lines[0]?.startsWith('%OpenBCI') ?? false
  const columns = openBci ? openBciColumns(names, head) : csvColumns(names, head)
  const rate = head > 0 ? rateIn(lines.slice(0, head)) : 0
  const rows: { at: number; cells: string[] }[] = []
  for (let at = head + 1; at < lines.length; at++) {
    const line = lines[at] as string
    if (line.trim() === '' || line.startsWith('%')) continue
    const cells = cellsOf(line)
    if (cells.length !== names.length) throw bad(`it has ${cells.length} columns and not ${names.length}`, at + 1)
    rows.push({ at: at + 1, cells })
  }
  if (rows.length === 0) throw bad('there are no rows behind it', head + 1)
  const read = (index: number, scale = 1) =>
    Float64Array.from(rows, ({ at, cells }) => numberIn(cells[index] as string, at, names[index] as string) * scale)
  const { time } = columns
  return {
    labels: columns.channels.map(({ label }) => label),
    units: columns.channels.map(({ unit }) => unit),
    nominalRate: rate,
    samples: columns.channels.map(({ index }) => read(index)),
    timestamps: time
      ? read(time.index, time.scale)
      : Float64Array.from(rows, (_, i) => (rate > 0 ? (i * 1000) / rate : i)),
  }
}

interface Columns {
  channels: { index: number; label: string; unit: string }[]
  /** `scale` makes ms of it. */
  time?: { index: number; scale: number }
}

/** The OpenBCI GUI names its columns; the amplifier's are in µV, and `Timestamp` is ms of arrival. */
function openBciColumns(names: string[], head: number): Columns {
  const channels = names.flatMap((name, index) =>
    /^EXG Channel \d+$/i.test(name) ? [{ index, label: name, unit: 'µV' }] : [],
  )
  const index = names.findIndex((name) => name.toLowerCase() === 'timestamp')
  if (channels.length === 0 || index < 0) throw bad('it names no EXG Channel, or no Timestamp', head + 1)
  return { channels, time: { index, scale: 1 } }
}

/** A name may end in its unit: `Fp1 (µV)`. */
function csvColumns(names: string[], head: number): Columns {
  if (names.every((name) => name !== '' && Number.isFinite(Number(name)))) {
    throw bad('it must be column names: it is numbers', head + 1)
  }
  const columns: Columns = { channels: [] }
  for (const [index, name] of names.entries()) {
    const [, label = name, unit = ''] = /^(.*?)\s*[([]([^()[\]]*)[)\]]$/.exec(name) ?? []
    if (columns.time === undefined && /^(time|timestamps?)$/i.test(label)) {
      columns.time = { index, scale: /^s(ec(onds?)?)?$/i.test(unit) ? 1000 : 1 }
    } else columns.channels.push({ index, label, unit })
  }
  if (columns.channels.length === 0) throw bad('it names no channel', head + 1)
  return columns
}

function rateIn(comments: string[]): number {
  const found = comments.map((line) => /sample rate\s*=\s*([\d.]+)/i.exec(line)?.[1]).find((rate) => rate !== undefined)
  return Number(found ?? 0)
}

const cellsOf = (line: string): string[] => line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))

function numberIn(cell: string, line: number, column: string): number {
  const value = cell === '' ? Number.NaN : Number(cell)
  // NaN is how some programs write a sample that is missing; anything else that is no number is a fault.
  if (Number.isNaN(value) && cell.toLowerCase() !== 'nan')
    throw bad(`${column} must be a number: it is ${JSON.stringify(cell.slice(0, 32))}`, line)
  return value
}

const bad = (why: string, line: number): StreamError =>
  new StreamError('bad-recording', `Cannot read the recording at line ${line}: ${why}`, { line })
