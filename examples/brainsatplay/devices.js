/** A synthetic device instead of the app's real one: 4 channels at 250 Hz. It outputs 10 samples, 25 times a second. */
const CHANNELS = ['TP9', 'AF7', 'AF8', 'TP10']
const RATE = 250
const SAMPLES = 10

export let output

/** Frequency of the waves, in Hz. The app sets another one for each player. */
export const frequency = 10

export function __onconnected() {
  let next = performance.timeOrigin + performance.now()
  this.timer = setInterval(
    () => {
      const timestamp = Array.from({ length: SAMPLES }, (_, i) => next + (i * 1000) / RATE)
      next += (SAMPLES * 1000) / RATE
      const samples = CHANNELS.map((label, channel) => [label, timestamp.map((ms) => this.wave(ms / 1000, channel))])
      this.output = { ...Object.fromEntries(samples), timestamp }
    },
    (SAMPLES * 1000) / RATE,
  )
}

/** Returns a value in µV: a wave of changing strength, plus noise. */
export function wave(seconds, channel) {
  const strength = 30 + 20 * Math.sin(seconds / 2 + channel + this.frequency)
  return strength * Math.sin(2 * Math.PI * this.frequency * seconds + channel) + 8 * (Math.random() - 0.5)
}

export function __ondisconnected() {
  clearInterval(this.timer)
}
