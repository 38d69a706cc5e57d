import { unprotect } from './formulas.ts'

/** An error in a line. The parser adds the line and the byte. */
export class Fault extends Error {}

/** The columns of a recording. */
export interface Columns {
  /** Names of all columns, including columns that are neither time nor channel. */
  names: string[]
  channels: { index: number; label: string; unit: string }[]
  /** `scale` converts the values to ms. */
  time?: { index: number; scale: number }
}

/**
 * Reads the line of column names.
 *
 * @param openBci whether the OpenBCI GUI wrote the file
 * @throws Fault if the names are numbers, or a required column is missing
 */
export function readColumns(text: string, openBci: boolean): Columns {
  const names = cellsOf(text).map(unprotect)
  return openBci ? openBciColumns(names) : csvColumns(names)
}

/**
 * The OpenBCI GUI has fixed column names. The amplifier's channels are in µV. `Timestamp` is the time of arrival in ms.
 */
function openBciColumns(names: string[]): Columns {
  const channels = names.flatMap((name, index) =>
    /^EXG Channel \d+$/i.test(name) ? [{ index, label: name, unit: 'µV' }] : [],
  )
  const index = names.findIndex((name) => name.toLowerCase() === 'timestamp')
  if (channels.length === 0 || index < 0) throw new Fault('it names no EXG Channel, or no Timestamp')
  return { names, channels, time: { index, scale: 1 } }
}

/** A column name may end with its unit: `Fp1 (µV)`. */
function csvColumns(names: string[]): Columns {
  if (names.every((name) => name !== '' && Number.isFinite(Number(name)))) {
    throw new Fault('it must be column names: it is numbers')
  }
  const columns: Columns = { names, channels: [] }
  for (const [index, name] of names.entries()) {
    const [, label = name, unit = ''] = /^(.*?)\s*[([]([^()[\]]*)[)\]]$/.exec(name) ?? []
    if (columns.time === undefined && /^(time|timestamps?)$/i.test(label)) {
      columns.time = { index, scale: /^s(ec(onds?)?)?$/i.test(unit) ? 1000 : 1 }
    } else columns.channels.push({ index, label, unit })
  }
  if (columns.channels.length === 0) throw new Fault('it names no channel')
  return columns
}

/** Splits a line into cells, some of which may be quoted (RFC 4180). */
export function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim())
  return Array.from(line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g), ([, quoted, plain]) =>
    quoted === undefined ? (plain as string).trim() : quoted.replaceAll('""', '"'),
  )
}

export function numberIn(cell: string, column: string): number {
  const value = cell === '' ? Number.NaN : Number(cell)
  // Some programs write NaN for a missing sample. Any other text that is not a number is an error.
  if (Number.isNaN(value) && cell.toLowerCase() !== 'nan') {
    throw new Fault(`${column} must be a number: it is ${JSON.stringify(cell.slice(0, 32))}`)
  }
  return value
}
