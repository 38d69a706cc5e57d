import type { Recording } from '../../streams/mod.ts'
import type { LocalSource } from './local-source.ts'

/** Creates a source from a recording. Without a nominal rate, it plays at the average rate of its timestamps. */
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

/**
 * @param timestamps in ms
 * @returns the rate in Hz
 */
function averageRate(timestamps: Float64Array): number {
  const length = (timestamps.at(-1) ?? 0) - (timestamps[0] ?? 0)
  return length > 0 ? ((timestamps.length - 1) * 1000) / length : 1
}
