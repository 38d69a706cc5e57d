import type { Clock } from '../shared/mod.ts'
import type { Room } from './room.ts'

/** Calls `onexpired` once for each room that has been empty for `ttl`. */
export class RoomTimers {
  readonly #clock: Clock
  readonly #ttl: number
  readonly #onexpired: (room: Room) => void
  readonly #timers = new Map<Room, unknown>()

  /** @param ttl milliseconds */
  constructor(clock: Clock, ttl: number, onexpired: (room: Room) => void) {
    this.#clock = clock
    this.#ttl = ttl
    this.#onexpired = onexpired
  }

  start(room: Room): void {
    this.stop(room)
    const expire = () => {
      this.#timers.delete(room)
      this.#onexpired(room)
    }
    this.#timers.set(room, this.#clock.setTimeout(expire, this.#ttl))
  }

  stop(room: Room): void {
    if (!this.#timers.has(room)) return
    this.#clock.clearTimeout(this.#timers.get(room))
    this.#timers.delete(room)
  }

  clear(): void {
    for (const room of [...this.#timers.keys()]) this.stop(room)
  }
}
