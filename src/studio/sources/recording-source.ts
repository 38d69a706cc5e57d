import type { Recording } from '../../streams/mod.ts'
import type { LocalSource } from './local-source.ts'

/** A recording as something to play. One that does not say its rate is played at the rate its stamps show on average. */
export function playRecording(recording: Recording, name: string): LocalSource {
  const { labels, units, nominalRate, samples, timestamps } = recording
  return {
    name,
    type: '',
    labels,
    units,
    nominalRate,
    pace: nominalRate || averageRate(timestamps),
    length: timestamps.length,
    read(from, to) {
      const data = new Float64Array((to - from) * samples.length)
      samples.forEach((channel, index) => {
        for (let row = from; row < to; row++) data[(row - from) * samples.length + index] = channel[row] as number
      })
      return { data, timestamps: timestamps.slice(from, to) }
    },
  }
}

/** Hz; stamps are in ms. */
function averageRate(timestamps: Float64Array): number {
  const length = (timestamps.at(-1) ?? 0) - (timestamps[0] ?? 0)
  return length > 0 ? ((timestamps.length - 1) * 1000) / length : 1
}
