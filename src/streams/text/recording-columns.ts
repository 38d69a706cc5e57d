/** What is wrong with a line. */
export class Fault extends Error {}

/** Which of a line's cells are what. */
export interface Columns {
  /** Of all columns, those included that are neither time nor channel. */
  names: string[]
  channels: { index: number; label: string; unit: string }[]
  /** `scale` makes ms of it. */
  time?: { index: number; scale: number }
}

/**
 * Reads the line of column names.
 *
 * @param openBci whether the OpenBCI GUI wrote it
 * @throws Fault
 */
export function readColumns(text: string, openBci: boolean): Columns {
  const names = cellsOf(text)
  return openBci ? openBciColumns(names) : csvColumns(names)
}

/** The OpenBCI GUI names its columns; the amplifier's are in µV, and `Timestamp` is ms of arrival. */
function openBciColumns(names: string[]): Columns {
  const channels = names.flatMap((name, index) =>
    /^EXG Channel \d+$/i.test(name) ? [{ index, label: name, unit: 'µV' }] : [],
  )
  const index = names.findIndex((name) => name.toLowerCase() === 'timestamp')
  if (channels.length === 0 || index < 0) throw new Fault('it names no EXG Channel, or no Timestamp')
  return { names, channels, time: { index, scale: 1 } }
}

/** A name may end in its unit: `Fp1 (µV)`. */
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

/** A line's cells, of which some may be quoted (RFC 4180). */
export function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim())
  return Array.from(line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g), ([, quoted, plain]) =>
    quoted === undefined ? (plain as string).trim() : quoted.replaceAll('""', '"'),
  )
}

export function numberIn(cell: string, column: string): number {
  const value = cell === '' ? Number.NaN : Number(cell)
  // NaN is how some programs write a sample that is missing; anything else that is no number is a fault.
  if (Number.isNaN(value) && cell.toLowerCase() !== 'nan') {
    throw new Fault(`${column} must be a number: it is ${JSON.stringify(cell.slice(0, 32))}`)
  }
  return value
}
