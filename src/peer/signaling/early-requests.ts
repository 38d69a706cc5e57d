import type { Greeting, RequestBodies } from '../../protocol/both-ends.ts'
import { toSignalError } from './handshake.ts'

/** A request that the session cannot send yet. */
export interface EarlyRequest {
  name: keyof RequestBodies
  body: unknown
  /** Sends the request. */
  send(): void
  resolve(result: unknown): void
  reject(error: Error): void
}

/** Requests that the app makes while the session connects. The first `connect` travels with `hello`. */
export class EarlyRequests {
  readonly #waiting: EarlyRequest[] = []
  /** The request that travels with `hello`. */
  #carried: EarlyRequest | undefined

  get size(): number {
    return this.#waiting.length + (this.#carried === undefined ? 0 : 1)
  }

  add(request: EarlyRequest): void {
    this.#waiting.push(request)
  }

  /** Returns the body of the first `connect`, for `hello`; undefined if there is none. */
  carry(): RequestBodies['connect'] | undefined {
    const index = this.#waiting.findIndex(({ name }) => name === 'connect')
    if (index >= 0) this.#carried ??= this.#waiting.splice(index, 1)[0]
    return this.#carried?.body as RequestBodies['connect'] | undefined
  }

  /** Takes the answer to `hello`. Sends all requests that it does not answer. */
  greeted(greeting: Greeting): void {
    const { room, refused } = greeting.recovered ? {} : greeting
    const carried = this.#carried
    this.#carried = undefined
    if (room !== undefined) carried?.resolve(room)
    else if (refused !== undefined) carried?.reject(toSignalError(refused))
    // A server that does not know `connect` in `hello` has ignored it.
    else carried?.send()
    for (const { send } of this.#waiting.splice(0)) send()
  }

  rejectAll(error: Error): void {
    this.#carried?.reject(error)
    this.#carried = undefined
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
