/** One output of a device. */
export interface Input {
  /** The channels, by label or in order. Each is one value or an array of samples. */
  channels: unknown
  /** Time of arrival, in ms since 1970. It is the time of the last samples if there is no `timestamp`. */
  at: number
}

/** The samples of one channel. */
export interface Samples {
  label: string
  values: unknown[]
  /** Time of each value, in ms since 1970. */
  stamps: number[]
}

/** Most channels of a device. The largest real devices have a quarter of it. */
const MAX_CHANNELS = 1024

/**
 * Copies the samples of one output, because drivers reuse their buffers.
 *
 * @param nominalRate sample rate in Hz, which spaces samples without a timestamp; 0 if unknown
 * @throws TypeError if a sample is neither a number nor a string
 */
export function samplesOf({ channels, at }: Input, nominalRate: number): Samples[] {
  // Read `timestamp` by name: some drivers make it non-enumerable.
  const { timestamp, ...labelled } = isObject(channels) ? channels : { 0: channels }
  const listed = Array.isArray(channels) || ArrayBuffer.isView(channels)
  return Object.entries(listed ? { ...(channels as unknown[]) } : labelled).map(([label, given]) => {
    const values = Array.isArray(given) || ArrayBuffer.isView(given) ? Array.from(given as unknown[]) : [given]
    const wrong = values.find((value) => !isSample(value))
    if (wrong !== undefined) {
      throw new TypeError(`Cannot publish channel ${label}: samples must be numbers or strings: one is ${typeof wrong}`)
    }
    return { label, values, stamps: stampsOf(timestamp, values.length, at, nominalRate > 0 ? 1000 / nominalRate : 0) }
  })
}

export const countOf = (samples: readonly Samples[]): number =>
  samples.reduce((count, { values }) => count + values.length, 0)

type Subscriber = (values: unknown[], stamps: number[]) => void

/**
 * A device in the form of a datastreams-api DataStream. It adds a track for each channel at the channel's first sample.
 * Tracks that tick together are published as one stream, even if a driver outputs one electrode after the other.
 */
export class Device extends EventTarget {
  readonly tracks: Map<string, object> = new Map()
  readonly #subscribers = new Map<string, Set<Subscriber>>()

  /** @throws RangeError if the device would have more than 1024 channels */
  push(samples: readonly Samples[]): void {
    for (const { label } of samples) if (!this.tracks.has(label)) this.#add(label)
    for (const { label, values, stamps } of samples) {
      for (const subscriber of this.#subscribers.get(label) ?? []) subscriber(values, stamps)
    }
  }

  #add(label: string): void {
    if (this.tracks.size >= MAX_CHANNELS) {
      throw new RangeError(`Cannot publish channel ${label}: a device has at most ${MAX_CHANNELS} channels`)
    }
    const subscribers = new Set<Subscriber>()
    const track = {
      id: 'brainsatplay',
      label: 'devices',
      contentHint: label,
      subscribe: (subscriber: Subscriber) => {
        subscribers.add(subscriber)
        return subscriber
      },
      unsubscribe: (subscriber: Subscriber) => subscribers.delete(subscriber),
    }
    this.#subscribers.set(label, subscribers)
    this.tracks.set(label, track)
    this.dispatchEvent(new CustomEvent('addtrack', { detail: track }))
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

/** Accepts `undefined`: some drivers leave holes in arrays for missing samples. */
const isSample = (value: unknown): boolean =>
  value === undefined || typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint'

function stampsOf(given: unknown, length: number, at: number, period: number): number[] {
  const stamps = Array.isArray(given) || ArrayBuffer.isView(given) ? Array.from(given as unknown[]) : undefined
  return Array.from({ length }, (_, i) => {
    const stamp = stamps === undefined ? given : stamps[i]
    return Number.isFinite(stamp) ? (stamp as number) : at - (length - 1 - i) * period
  })
}
