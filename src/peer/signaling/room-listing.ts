import { answerSchemas, type ListingRequest, type RoomInfo } from '../../protocol/both-ends.ts'
import { PeerError } from '../shared/mod.ts'
import { readBody } from './read-body.ts'
import type { Signaling } from './signaling.ts'

/** Events about rooms that the session is not in. The server sends them to subscribers only. */
const ANNOUNCED: ReadonlySet<string> = new Set(['roomadded', 'roomchanged', 'roomclosed'])

/** Most rooms of a listing. A server of this package has at most 10,000 by default. */
const MOST_ROOMS = 100_000

/** Errors after which the session is closed, or has made a fresh start and asks again. */
const IS_OVER: ReadonlySet<unknown> = new Set(['closed', 'lost'])

export interface RoomListingOptions {
  signaling: Pick<Signaling, 'request'>
  /** Called with the rooms that the user may see, after a fresh start. */
  listed(rooms: RoomInfo[]): void
  /** The server rejected the subscription or the listing. */
  failed(error: Error): void
}

/** Lists rooms, and subscribes to announcements of rooms as soon as the app listens to them. */
export class RoomListing {
  readonly #options: RoomListingOptions
  /** Whether the app listens to `rooms`. */
  #lists = false
  #subscribed = false

  constructor(options: RoomListingOptions) {
    this.#options = options
  }

  /** Requests all pages. @throws as `Session.rooms` */
  async list(first: ListingRequest | null = null): Promise<RoomInfo[]> {
    const rooms: RoomInfo[] = []
    for (let request = first, page = 0; ; page++) {
      const { data, next } = readBody(answerSchemas.rooms, await this.#options.signaling.request('rooms', request))
      for (const room of data) rooms.push(room)
      if (next === undefined) return rooms
      if (next <= (request?.after ?? 0) || rooms.length > MOST_ROOMS) {
        throw new PeerError('bad-server', `Cannot list rooms: there is no end after ${page + 1} pages`)
      }
      request = { after: next }
    }
  }

  /** The app listens to an event of the session. */
  listens(type: string): void {
    if (type === 'rooms') this.#lists = true
    if (this.#subscribed || !ANNOUNCED.has(type)) return
    this.#subscribed = true
    void this.#try(() => this.#options.signaling.request('rooms', { subscribe: true }))
  }

  /** After a fresh start the server knows no subscription. Subscribes again, and lists the rooms for the app. */
  restart(): void {
    if (!this.#lists && !this.#subscribed) return
    void this.#try(async () => this.#options.listed(await this.list(this.#subscribed ? { subscribe: true } : null)))
  }

  async #try(request: () => Promise<unknown>): Promise<void> {
    try {
      await request()
    } catch (error) {
      if (!IS_OVER.has((error as { code?: unknown }).code)) this.#options.failed(error as Error)
    }
  }
}
