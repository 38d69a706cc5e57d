import type { Samples } from '../chunks/mod.ts'
import type { StreamDescription } from '../description/mod.ts'
import { protect } from './formulas.ts'

/** How to write text cells. */
export interface CsvOptions {
  /** Whether to write text as it is, even if a spreadsheet would run it as a formula. @default false */
  raw?: boolean
}

/**
 * Returns the line of column names of a CSV file: the time, then each channel's label with its unit. `parseRecording`
 * reads what `csvHeader` and `csvRows` write.
 *
 * Text that a spreadsheet would run as a formula gets an apostrophe before it.
 *
 * @example
 * ```ts
 * import { csvHeader, csvRows } from 'datastreams-webrtc/streams'
 *
 * const description = { channels: [{ label: 'Fp1', unit: 'µV', type: 'EEG' }], timeUnit: 's' } as const
 * console.log(csvHeader(description) + csvRows({ data: Float32Array.of(1.5), timestamps: Float64Array.of(2), first: 0 }, description))
 * ```
 */
export function csvHeader(
  { channels }: { channels: readonly { label: string; unit: string }[] },
  options: CsvOptions = {},
): string {
  const names = channels.map(({ label, unit }, i) => {
    const name = label.trim() || `channel ${i + 1}`
    // Many readers split a file into lines first. Therefore, a name must not contain a line break, not even in quotes.
    return (unit === '' ? name : `${name} (${unit})`).replace(/\s+/g, ' ')
  })
  return `${['time (s)', ...names].map((name) => cell(name, options)).join(',')}\n`
}

/**
 * Returns samples as CSV, one line for each sample, with the time in seconds. Numbers have the fewest digits that read
 * back as the same float64. The function quotes text where RFC 4180 requires it, and writes an apostrophe as `csvHeader`
 * does.
 */
export function csvRows(
  { data, timestamps }: Samples,
  { channels, timeUnit }: { channels: readonly unknown[]; timeUnit: StreamDescription['timeUnit'] },
  options: CsvOptions = {},
): string {
  const second = timeUnit === 's' ? 1 : 1000
  const width = channels.length
  let text = ''
  for (let i = 0; i < timestamps.length; i++) {
    text += cell((timestamps[i] as number) / second, options)
    for (let at = i * width; at < (i + 1) * width; at++)
      text += `,${cell(data[at] as number | bigint | string, options)}`
    text += '\n'
  }
  return text
}

function cell(value: number | bigint | string, { raw = false }: CsvOptions): string {
  if (typeof value === 'string') return quoted(raw ? value : protect(value))
  return Object.is(value, -0) ? '-0' : String(value)
}

const quoted = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
