import { type ClockEstimate, ClockEstimator, clockStep, type Now, now, type Probe } from '../../streams/mod.ts'
import { afterSeconds } from '../shared/mod.ts'

/** Probes in a burst, and the seconds between two of them and between two bursts, as in Lab Streaming Layer. */
const BURST = 8
const SPACING = 0.064
const PERIOD = 2

/** A byte that tells an ask from an answer, and three float64s, little-endian. */
const PROBE_BYTES = 25
const ASK = 0
const ANSWER = 1

export interface ClockProbesOptions {
  /** Sends at once, or not at all: a probe that waits says nothing. */
  send(bytes: Uint8Array<ArrayBuffer>): void
  estimated(estimate: ClockEstimate): void
  now: Now
  /** That its time moves in, in seconds. */
  step: number
  /** Calls back so many seconds later, unless what it returns is called before. */
  after(seconds: number, callback: () => void): () => void
}

/** Looked at once, when it is first asked for: that keeps everything else waiting for some 10 ms. */
let ownStep: number | undefined

/** Own time, and timers. */
export function realTime(): Pick<ClockProbesOptions, 'now' | 'step' | 'after'> {
  ownStep ??= clockStep()
  return { now, step: ownStep, after: afterSeconds }
}

/** Asks another for its time, burst after burst until it is stopped, and answers when asked. */
export class ClockProbes {
  /** Messages that are no probe, and answers to what was not asked. */
  ignored = 0
  readonly #options: ClockProbesOptions
  readonly #estimator = new ClockEstimator()
  /** What the other says of its own clock, in seconds. */
  #otherStep = 0
  /** When the probes of this burst were sent that wait for their answers. */
  readonly #asked = new Set<number>()
  #answers: Probe[] = []
  #cancel: () => void = () => {}

  /** Starts at once. */
  constructor(options: ClockProbesOptions) {
    this.#options = options
    this.#burst()
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
    // What no clock has would only widen the asker's own bound without end.
    this.#otherStep = Math.min(Math.max(step, 0), 1)
    this.#options.send(write(ANSWER, asked, received, this.#options.now()))
  }

  #burst(): void {
    // What has not come by now, within the period, is lost.
    this.#finish()
    this.#asked.clear()
    const ask = (left: number) => {
      const asked = this.#options.now()
      this.#asked.add(asked)
      this.#options.send(write(ASK, asked, this.#options.step, 0))
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
    const estimate = this.#estimator.add(this.#answers, this.#options.step + this.#otherStep)
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

/** Nothing where it is no probe. */
function read(bytes: Uint8Array): [kind: number, ...times: [number, number, number]] | [undefined, 0, 0, 0] {
  if (bytes.length !== PROBE_BYTES) return [undefined, 0, 0, 0]
  const view = new DataView(bytes.buffer, bytes.byteOffset, PROBE_BYTES)
  const [first, second, third] = [1, 9, 17].map((at) => view.getFloat64(at, true)) as [number, number, number]
  return [first, second, third].every(Number.isFinite) ? [view.getUint8(0), first, second, third] : [undefined, 0, 0, 0]
}
