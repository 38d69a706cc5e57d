import type { PeerArrival, RelayName } from '../../protocol/both-ends.ts'

/** The most arrivals to buffer before the answer to `connect`: more than the peers of any room. */
const MAX_EARLY_ARRIVALS = 4_096
/** The most signals to buffer from these peers. A client before version 1 may send its offer at once. */
const MAX_EARLY_SIGNALS = 1_024

type EarlySignal = [name: RelayName, origin: number, body: unknown]

/** Buffers the peers of rooms that the user is joining, because the server announces them before its answer. */
export class PendingArrivals {
  #entering = 0
  #arrivals: PeerArrival[] = []
  #signals: EarlySignal[] = []

  /** Buffers arrivals while `enter` joins a room. */
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

  /** @returns false if the sender is no buffered peer, or the buffer is full */
  addSignal(...signal: EarlySignal): boolean {
    const [, origin] = signal
    const isKnown = this.#arrivals.some(({ id }) => id === origin)
    return isKnown && this.#signals.length < MAX_EARLY_SIGNALS && this.#signals.push(signal) > 0
  }

  /** The peer left the room before the join finished. */
  remove(id: number, room: number): void {
    this.#arrivals = this.#arrivals.filter((early) => early.id !== id || early.room !== room)
  }

  /** Removes and returns the arrivals of a joined room. */
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
