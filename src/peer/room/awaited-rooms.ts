import type { RoomInfo } from '../../protocol/mod.ts'
import type { RoomRequests } from './room-requests.ts'

/** Callbacks of rejoins that wait for a room, by its name. */
export class AwaitedRooms {
  readonly #requests: Pick<RoomRequests, 'watch'>
  readonly #callbacks = new Map<string, Set<() => void>>()

  constructor(requests: Pick<RoomRequests, 'watch'>) {
    this.#requests = requests
  }

  /** A room was created. */
  added({ name }: Pick<RoomInfo, 'name'>): void {
    for (const callback of [...(this.#callbacks.get(name) ?? [])]) callback()
  }

  /**
   * Calls back whenever a room of this name is created.
   *
   * @param restarted aborts at the next fresh start of the session
   * @returns a function that removes the callback
   */
  when(name: string, callback: () => void, restarted: AbortSignal): () => void {
    const callbacks = this.#callbacks.get(name) ?? new Set()
    this.#callbacks.set(name, callbacks.add(callback))
    if (callbacks.size === 1) void this.#watch(name)
    return () => {
      callbacks.delete(callback)
      if (callbacks.size > 0 || this.#callbacks.get(name) !== callbacks) return
      this.#callbacks.delete(name)
      // After a fresh start the server knows no subscription. If the request fails, the server announces such rooms for
      // longer, which does no harm.
      if (!restarted.aborted) this.#requests.watch(name, false).catch(() => {})
    }
  }

  /** Lets the server announce rooms of this name. If it refuses, the rejoin still tries again after a while. */
  async #watch(name: string): Promise<void> {
    const rooms = await this.#requests.watch(name, true).catch(() => [])
    for (const room of rooms) this.added(room)
  }
}
