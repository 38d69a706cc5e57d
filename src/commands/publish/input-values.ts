import { layouts } from '../../streams/description/formats.ts'
import type { Format } from '../../streams/mod.ts'
import { counted } from '../shared/counted.ts'

export type InputValue = number | bigint | string

/** The values of samples, or the reason why there are none. */
export type Read = { values: InputValue[] } | { problem: string }

/** Reads one sample from a line. Commas, tabs or spaces separate numbers; only commas or tabs separate texts. */
export function readLine(line: string, format: Format, channels: number): Read {
  if (format === 'string') {
    const values = channels === 1 ? [line] : line.split(/[,\t]/).map((text) => text.trim())
    return values.length === channels ? { values } : wrongCount(values.length, channels)
  }
  const cells = line.trim().split(/\s*[,\t]\s*| +/)
  if (cells.length !== channels) return wrongCount(cells.length, channels)
  const values: (number | bigint)[] = []
  for (const cell of cells) {
    const value = numberIn(cell, format)
    if (value === undefined) return { problem: `${JSON.stringify(cell.slice(0, 32))} is no ${format}` }
    values.push(value)
  }
  return { values }
}

/** Reads the values of one sample, or of several consecutive samples, from an array. */
export function readArray(message: unknown, format: Format, channels: number): Read {
  if (!Array.isArray(message)) return { problem: 'it is no array' }
  if (message.length === 0 || message.length % channels !== 0) return wrongCount(message.length, channels)
  const wrong = message.find((value) => !fits(value, format))
  if (wrong !== undefined || message.includes(undefined))
    return { problem: `${String(wrong).slice(0, 32)} is no ${format}` }
  return { values: message }
}

function numberIn(cell: string, format: Exclude<Format, 'string'>): number | bigint | undefined {
  if (format === 'int64' && !/^[+-]?\d+$/.test(cell)) return undefined
  const value = format === 'int64' ? BigInt(cell.replace('+', '')) : cell === '' ? undefined : Number(cell)
  // Some programs write a missing sample as NaN.
  if (Number.isNaN(value) && cell.toLowerCase() !== 'nan') return undefined
  return fits(value, format) ? value : undefined
}

const fits = (value: unknown, format: Format): boolean =>
  format === 'string' ? typeof value === 'string' : layouts[format].fits(value)

const wrongCount = (found: number, channels: number): Read => ({
  problem: `it has ${counted(found, 'value')} and not ${channels}`,
})
