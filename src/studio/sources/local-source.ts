/** What this page can share: rows of samples that are read in order, one after the other. */
export interface LocalSource {
  name: string
  /** Such as `EEG`; empty where none is known. */
  type: string
  /** One for each channel. */
  labels: string[]
  /** One for each channel. */
  units: string[]
  /** Hz; 0 where the samples say their time alone. */
  nominalRate: number
  /** Rows a second when played in real time. */
  pace: number
  /** Rows there are; infinite for a source that never ends. */
  length: number
  /** The rows `from` up to but not including `to`. */
  read(from: number, to: number): Rows
}

export interface Rows {
  /** Row after row: rows × channels values. */
  data: Float64Array
  /** One for each row, in ms. */
  timestamps: Float64Array
}

export type Speed = 'real-time' | 'full'

/** Takes rows, with the number of the first of them. */
export type Sink = (rows: Rows, first: number) => void

/** How often a source in real time is read, in ms: 5 rows at 250 Hz, well under what the eye sees. */
const TICK = 20
/** Rows read at once at full speed; the page stays alive between them. */
const BATCH = 512
/** A computer that slept does not send its sleep at once: what is older than this is sent late instead, in ms. */
const LONGEST_BACKLOG = 2_000

/**
 * Reads a source to its end, in its own time or as fast as the page stays alive with it.
 *
 * @param signal stops it
 * @returns how many rows were read
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
