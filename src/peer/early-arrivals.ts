import type { PeerArrival } from './server-messages.ts'

/** People whose arrival was told before the answer to `connect`: more than any room has. */
const MAX_EARLY_ARRIVALS = 4_096

/** Who is inside of rooms that one is about to enter: the server tells of them before it answers. */
export class EarlyArrivals {
  #entering = 0
  #arrivals: PeerArrival[] = []

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

  clear(): void {
    this.#arrivals = []
  }
}
