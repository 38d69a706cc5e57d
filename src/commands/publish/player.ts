import type { PushPublication } from '../../peer/mod.ts'
import { aborted, pause } from '../shared/pause.ts'
import type { Playable, PlayableSamples } from './playable.ts'

/** Interval at which the player publishes due samples, in ms. */
const PERIOD = 10
/**
 * How far the player reads ahead, in seconds of the recording. Programs that write recordings alternate between
 * streams, half a second at a time. They seldom hold samples back for longer than this.
 */
const READ_AHEAD = 10
/** Maximum number of values that the player buffers, whatever the timestamps say. */
const MAX_HELD = 4_194_304

export interface Play {
  /** Publications, by the stream's number in the recording. */
  publications: ReadonlyMap<number, PushPublication>
  /** Timestamp to publish the recording's first sample with, in seconds. */
  origin: number
  /** Speed factor, without unit. Timestamps keep the spacing of the recording at any speed. */
  speed: number
  signal: AbortSignal
}

/** Samples of a stream that the player has read and not yet published. */
interface Held {
  parts: PlayableSamples[]
  /** Number of samples of the first part that the player has published. */
  done: number
  /** Latest published time, in seconds. */
  latest: number
}

/**
 * Publishes a recording at its own pace, and waits while a receiver's buffer is full.
 *
 * @returns the recording's length in seconds: the time of its last sample
 */
export async function play(recording: Playable, { publications, origin, speed, signal }: Play): Promise<number> {
  const reading = recording.read()[Symbol.asyncIterator]()
  const streams = new Map(
    [...publications.keys()].map((key): [number, Held] => [key, { parts: [], done: 0, latest: 0 }]),
  )
  const stopped = aborted(signal)
  const began = performance.now()
  let held = 0
  let read = 0
  let ended = false
  try {
    while (!signal.aborted) {
      const due = ((performance.now() - began) / 1_000) * speed
      while (!ended && read < due + READ_AHEAD && held < MAX_HELD) {
        const { done, value: part } = await reading.next()
        if (done === true) ended = true
        else {
          streams.get(part.stream)?.parts.push(part)
          held += part.data.length
          read = Math.max(read, part.times.at(-1) ?? 0)
        }
      }
      let full: PushPublication | undefined
      for (const [key, stream] of streams) {
        const publication = publications.get(key) as PushPublication
        for (const { data, times } of takeDue(stream, due)) {
          held -= data.length
          const stamps = times.map((time) => origin + time)
          if (!publication.push(data, stamps)) full = publication
        }
      }
      if (ended && [...streams.values()].every(({ parts }) => parts.length === 0)) break
      await (full === undefined ? pause(PERIOD, signal) : Promise.race([full.drained(), stopped]))
    }
  } finally {
    await reading.return?.()
  }
  return Math.max(...[...streams.values()].map(({ latest }) => latest))
}

/** Removes the samples that are due at time `due` from the buffer, and returns them. */
function takeDue(stream: Held, due: number): PlayableSamples[] {
  const taken: PlayableSamples[] = []
  for (;;) {
    const [part] = stream.parts
    if (part === undefined) return taken
    const { data, times } = part
    const from = stream.done
    let to = from
    for (; to < times.length; to++) {
      const time = times[to] as number
      if (time > due) break
      if (time > stream.latest) stream.latest = time
    }
    const width = data.length / times.length
    if (to > from) {
      taken.push({ ...part, data: data.slice(from * width, to * width), times: times.slice(from, to) })
    }
    stream.done = to
    if (to < times.length) return taken
    stream.parts.shift()
    stream.done = 0
  }
}
