import type { PushPublication } from '../../peer/mod.ts'
import { aborted, pause } from '../shared/pause.ts'
import type { Playable, PlayableSamples } from './playable.ts'

/** How often what is due is published, in ms. */
const PERIOD = 10
/**
 * How far the file is read ahead, in seconds of it: writers put half a second of one stream behind half a second of
 * another, and seldom hold anything back for longer than this.
 */
const READ_AHEAD = 10
/** Most values that are held of it, whatever its timestamps say. */
const MAX_HELD = 4_194_304

export interface Play {
  /** By the stream's number in the recording. */
  publications: ReadonlyMap<number, PushPublication>
  /** The timestamp of the recording's first sample, in seconds. */
  origin: number
  /** How many times as fast it is played; timestamps are spaced as in the recording all the same. */
  speed: number
  signal: AbortSignal
}

/** What of a stream was read and is not yet due. */
interface Held {
  parts: PlayableSamples[]
  /** Samples of the first part that were published. */
  done: number
  /** The latest time so far. */
  latest: number
}

/**
 * Publishes a recording at its own pace, and waits where a receiver has no room.
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

/** Takes what is due by that time out of what is held. */
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
