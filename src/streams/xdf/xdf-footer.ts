import type { XdfFooter } from './xdf-chunks.ts'
import { find, numberAt, type XmlElement } from './xml.ts'

/** Reads a stream's footer. A missing value, or one that is not a number, is undefined; for `sampleCount` it is 0. */
export function readFooter(xml: XmlElement): XdfFooter {
  const offsets = find(xml, 'clock_offsets')?.children ?? []
  return {
    firstTimestamp: numberAt(xml, 'first_timestamp'),
    lastTimestamp: numberAt(xml, 'last_timestamp'),
    sampleCount: numberAt(xml, 'sample_count') ?? 0,
    measuredRate: numberAt(xml, 'measured_srate'),
    clockOffsets: offsets.flatMap((offset) => {
      const [time, value] = [numberAt(offset, 'time'), numberAt(offset, 'value')]
      return time === undefined || value === undefined ? [] : [{ time, offset: value }]
    }),
  }
}
