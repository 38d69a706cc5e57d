/** A source that this page can share. The page reads its rows in order. */
export interface LocalSource {
  name: string
  /** Such as `EEG`; empty if unknown. */
  type: string
  /** One for each channel. */
  labels: string[]
  /** One for each channel. */
  units: string[]
  /** Hz; 0 if only the timestamps show the time. */
  nominalRate: number
  /** Rows per second in real time. */
  pace: number
  /** Number of rows; infinite for a source that never ends. */
  length: number
  /** Returns the rows from `from` up to but not including `to`. */
  read(from: number, to: number): Rows
}

export interface Rows {
  /** Row after row: rows × channels values. */
  data: Float64Array
  /** One for each row, in ms. */
  timestamps: Float64Array
}

export type Speed = 'real-time' | 'full'

/** Takes rows, and the number of the first one. */
export type Sink = (rows: Rows, first: number) => void

/** How often the page reads a source in real time, in ms. At 250 Hz that is 5 rows, faster than the eye can see. */
const TICK = 20
/** Rows per read at full speed. The page stays responsive between two reads. */
const BATCH = 512
/** Longest backlog that the page sends at once, in ms. After the computer has slept, older rows follow late. */
const LONGEST_BACKLOG = 2_000

/**
 * Reads a source to its end, in real time or as fast as the page stays responsive.
 *
 * @param signal stops the source
 * @returns how many rows it has read
 */
export async function play(source: LocalSource, speed: Speed, sink: Sink, signal: AbortSignal): Promise<number> {
  let sent = 0
  let started = performance.now()
  while (sent < source.length && !signal.aborted) {
    const due = speed === 'full' ? sent + BATCH : Math.floor(((performance.now() - started) * source.pace) / 1000)
    const until = Math.min(due, source.length, sent + mostAtOnce(source))
    if (due > until && speed === 'real-time') started = performance.now() - (until * 1000) / source.pace
    if (until > sent) {
      const from = sent
      sent = until
      sink(source.read(from, until), from)
    }
    await pause(speed === 'full' ? 0 : TICK)
  }
  return sent
}

const mostAtOnce = (source: LocalSource): number => Math.max(BATCH, (source.pace * LONGEST_BACKLOG) / 1000)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
