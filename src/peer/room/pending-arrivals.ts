import type { RelayName } from '../../protocol/mod.ts'
import type { PeerArrival } from '../signaling/mod.ts'

/** People whose arrival was told before the answer to `connect`: more than any room has. */
const MAX_EARLY_ARRIVALS = 4_096
/** Signals of theirs: an old client makes an offer as soon as it is told of somebody. */
const MAX_EARLY_SIGNALS = 1_024

type EarlySignal = [name: RelayName, origin: number, body: unknown]

/** Who is inside of rooms that one is about to enter: the server tells of them before it answers. */
export class EarlyArrivals {
  #entering = 0
  #arrivals: PeerArrival[] = []
  #signals: EarlySignal[] = []

  /** Keeps arrivals while a room is being entered. */
  async during<Result>(enter: () => Promise<Result>): Promise<Result> {
    this.#entering++
    try {
      return await enter()
    } finally {
      if (--this.#entering === 0) this.clear()
    }
  }

  add(arrival: PeerArrival): void {
    if (this.#entering > 0 && this.#arrivals.length < MAX_EARLY_ARRIVALS) this.#arrivals.push(arrival)
  }

  /** @returns false where the signal is nobody's who is about to be met */
  addSignal(...signal: EarlySignal): boolean {
    const [, origin] = signal
    const isKnown = this.#arrivals.some(({ id }) => id === origin)
    return isKnown && this.#signals.length < MAX_EARLY_SIGNALS && this.#signals.push(signal) > 0
  }

  /** Somebody has left again. */
  remove(id: number, room: number): void {
    this.#arrivals = this.#arrivals.filter((early) => early.id !== id || early.room !== room)
  }

  /** Those of a room that has been entered. */
  take(room: number): PeerArrival[] {
    const taken = this.#arrivals.filter((early) => early.room === room)
    this.#arrivals = this.#arrivals.filter((early) => early.room !== room)
    return taken
  }

  takeSignals(): EarlySignal[] {
    return this.#signals.splice(0)
  }

  clear(): void {
    this.#arrivals = []
    this.#signals = []
  }
}
