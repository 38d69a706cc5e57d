import { type ClockEstimate, ClockEstimator, clockStep, type Now, now, type Probe } from '../../streams/mod.ts'
import { afterSeconds } from '../shared/mod.ts'

/** Probes per burst, seconds between two probes, and seconds between two bursts, as in Lab Streaming Layer. */
const BURST = 8
const SPACING = 0.064
const PERIOD = 2
/** Seconds until the first burst. Measuring the own clock blocks the thread, which would delay a link's first samples. */
const FIRST_BURST = 0.1

/** One byte for the kind (ask or answer), then three little-endian float64s. */
const PROBE_BYTES = 25
const ASK = 0
const ANSWER = 1

export interface ClockProbesOptions {
  /** Sends at once or drops the probe: queueing delay would spoil the measurement. */
  send(bytes: Uint8Array<ArrayBuffer>): void
  estimated(estimate: ClockEstimate): void
  now: Now
  /** Returns the resolution of `now`, in seconds. Not called before the first burst. */
  step(): number
  /** Calls `callback` after `seconds`. The returned function cancels the call. */
  after(seconds: number, callback: () => void): () => void
}

/** Resolution of the own clock. Measured once, on first use, because measuring blocks the thread for about 10 ms. */
let ownStep: number | undefined

/** @returns the own clock with its resolution, and real timers */
export function realTime(): Pick<ClockProbesOptions, 'now' | 'step' | 'after'> {
  return { now, step: () => (ownStep ??= clockStep()), after: afterSeconds }
}

/** Probes the other peer's clock in bursts until `stop()`, and answers the other peer's probes. */
export class ClockProbes {
  /** Messages that are not probes, and answers to unknown probes. */
  ignored = 0
  readonly #options: ClockProbesOptions
  readonly #estimator = new ClockEstimator()
  /** Resolution of the other peer's clock as it reports it, in seconds. */
  #otherStep = 0
  /** Send times of this burst's unanswered probes. */
  readonly #asked = new Set<number>()
  #answers: Probe[] = []
  #cancel: () => void = () => {}

  /** Sends the first burst after 0.1 s. Answers probes from now on. */
  constructor(options: ClockProbesOptions) {
    this.#options = options
    this.#cancel = options.after(FIRST_BURST, () => this.#burst())
  }

  receive(bytes: Uint8Array): void {
    const received = this.#options.now()
    const [kind, first, second, third] = read(bytes)
    if (kind === ASK) this.#answer(first, second, received)
    else if (kind === ANSWER && this.#asked.delete(first)) {
      this.#answers.push({ t0: first, t1: second, t2: third, t3: received })
      if (this.#answers.length === BURST) this.#finish()
    } else this.ignored++
  }

  stop(): void {
    this.#cancel()
    this.#asked.clear()
  }

  #answer(asked: number, step: number, received: number): void {
    // Clamp the reported resolution: an absurd value would widen the error bound without limit.
    this.#otherStep = Math.min(Math.max(step, 0), 1)
    this.#options.send(write(ANSWER, asked, received, this.#options.now()))
  }

  #burst(): void {
    // Answers that did not arrive within the period count as lost.
    this.#finish()
    this.#asked.clear()
    const step = this.#options.step()
    const ask = (left: number) => {
      const asked = this.#options.now()
      this.#asked.add(asked)
      this.#options.send(write(ASK, asked, step, 0))
      this.#cancel =
        left > 0
          ? this.#options.after(SPACING, () => ask(left - 1))
          : this.#options.after(PERIOD - (BURST - 1) * SPACING, () => this.#burst())
    }
    ask(BURST - 1)
  }

  #finish(): void {
    if (this.#answers.length === 0) return
    const before = this.#estimator.estimate?.at
    const estimate = this.#estimator.add(this.#answers, this.#options.step() + this.#otherStep)
    this.#answers = []
    if (estimate !== undefined && estimate.at !== before) this.#options.estimated(estimate)
  }
}

function write(kind: number, ...times: [number, number, number]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PROBE_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, kind)
  for (const [i, time] of times.entries()) view.setFloat64(1 + 8 * i, time, true)
  return bytes
}

/** @returns `[undefined, 0, 0, 0]` if the message is not a probe */
function read(bytes: Uint8Array): [kind: number, ...times: [number, number, number]] | [undefined, 0, 0, 0] {
  if (bytes.length !== PROBE_BYTES) return [undefined, 0, 0, 0]
  const view = new DataView(bytes.buffer, bytes.byteOffset, PROBE_BYTES)
  const [first, second, third] = [1, 9, 17].map((at) => view.getFloat64(at, true)) as [number, number, number]
  return [first, second, third].every(Number.isFinite) ? [view.getUint8(0), first, second, third] : [undefined, 0, 0, 0]
}
