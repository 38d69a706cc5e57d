import type { LocalSource } from './local-source.ts'

/**
 * The 8 default electrode positions of the OpenBCI Cyton (10–20 system). Each has its amplitudes of alpha and blinks,
 * in µV.
 */
const PLACES = [
  { label: 'Fp1', alpha: 4, blink: 110 },
  { label: 'Fp2', alpha: 4, blink: 105 },
  { label: 'C3', alpha: 9, blink: 12 },
  { label: 'C4', alpha: 9, blink: 12 },
  { label: 'P7', alpha: 18, blink: 3 },
  { label: 'P8', alpha: 18, blink: 3 },
  { label: 'O1', alpha: 26, blink: 0 },
  { label: 'O2', alpha: 26, blink: 0 },
]

/** Sampling rate, in Hz. */
const RATE = 250
/** Share of the last sample's noise in the next sample. It creates the slow background of an EEG. */
const NOISE_MEMORY = 0.95
/** Amplitude of the noise that each sample adds, in µV. */
const NOISE_STEP = 3
/** Average seconds from one blink to the next. */
const BLINK_EVERY = 4
/** Seconds that a blink lasts. */
const BLINK_LENGTH = 0.35

/**
 * Creates a signal like the EEG of a person at rest, in µV, at 250 Hz.
 *
 * - an alpha rhythm near 10 Hz, which waxes and wanes, and is strongest at the back of the head
 * - coloured noise
 * - blinks at the front
 *
 * @param started time of the first sample, in ms since 1970
 * @param random returns 0..1; tests pass their own to get the same signal twice
 */
export function synthesize(started: number, random: () => number = Math.random): LocalSource {
  const frequency = 9.2 + 1.6 * random()
  const swell = 0.1 + 0.1 * random()
  const noise = PLACES.map(() => 0)
  let blinkStart = 1 + random() * BLINK_EVERY

  function fillRow(row: Float64Array, seconds: number): void {
    if (seconds > blinkStart + BLINK_LENGTH) blinkStart = seconds + BLINK_EVERY * (0.5 + random())
    const blink = blinkShape((seconds - blinkStart) / BLINK_LENGTH)
    const strength = 0.55 + 0.45 * Math.sin(2 * Math.PI * swell * seconds)
    PLACES.forEach((place, channel) => {
      const background = (noise[channel] as number) * NOISE_MEMORY + (random() + random() - 1) * 2 * NOISE_STEP
      noise[channel] = background
      const alpha = place.alpha * strength * Math.sin(2 * Math.PI * frequency * seconds + channel * 0.15)
      row[channel] = background + alpha + place.blink * blink
    })
  }

  return {
    name: 'Synthetic EEG',
    type: 'EEG',
    labels: PLACES.map((place) => place.label),
    units: PLACES.map(() => 'µV'),
    nominalRate: RATE,
    pace: RATE,
    length: Number.POSITIVE_INFINITY,
    read(from, to) {
      const data = new Float64Array((to - from) * PLACES.length)
      const timestamps = new Float64Array(to - from)
      for (let i = from; i < to; i++) {
        const start = (i - from) * PLACES.length
        fillRow(data.subarray(start, start + PLACES.length), i / RATE)
        timestamps[i - from] = started + (i * 1000) / RATE
      }
      return { data, timestamps }
    },
  }
}

/** The lid closes and opens again while `phase` is 0..1. */
const blinkShape = (phase: number): number => (phase > 0 && phase < 1 ? Math.sin(Math.PI * phase) ** 2 : 0)
