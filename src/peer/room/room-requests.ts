import type { RequestBodies, RoomInfo } from '../../protocol/mod.ts'
import { bodies, readBody, type Signaling } from '../signaling/mod.ts'
import type { JoinOptions } from './join-options.ts'
import type { Moderation } from './joined-room-options.ts'

/** Errors after which the user is out of the room already: the session was lost, or the server removed the user. */
const IS_OUT: ReadonlySet<unknown> = new Set(['lost', 'not-in-room'])

/** Sends the requests about rooms. */
export class RoomRequests {
  readonly #signaling: Pick<Signaling, 'request'>

  constructor(signaling: Pick<Signaling, 'request'>) {
    this.#signaling = signaling
  }

  /** Joins a room. @throws as `Session.join` */
  join(room: string | number, options: JoinOptions): Promise<RoomInfo> {
    const named = typeof room === 'number' ? { uuid: room } : { name: room }
    return this.#connect({ ...bodyOf(named, options), info: options.info })
  }

  /** Joins a room again that still has its uuid. */
  rejoin(uuid: number): Promise<RoomInfo> {
    return this.#connect({ room: { uuid } })
  }

  /** Joins a room again by its name, with the options of the first join. */
  rejoinByName(name: string, options: JoinOptions): Promise<RoomInfo> {
    return this.#connect(bodyOf({ name }, options))
  }

  async leave(uuid: number): Promise<void> {
    try {
      await this.#signaling.request('disconnect', { uuid })
    } catch (error) {
      if (!IS_OUT.has((error as { code?: unknown }).code)) throw error
    }
  }

  /** @param uuid returns the room's current uuid */
  moderation(uuid: () => number): Moderation {
    const signaling = this.#signaling
    return {
      close: async (reason) => void (await signaling.request('closeroom', { uuid: uuid(), reason })),
      kick: async (peer, reason) => void (await signaling.request('kick', { uuid: uuid(), peer, reason })),
      restrict: async (restrictions) => void (await signaling.request('restrict', { uuid: uuid(), restrictions })),
    }
  }

  async #connect(body: RequestBodies['connect']): Promise<RoomInfo> {
    return readBody(bodies.room, await this.#signaling.request('connect', body))
  }
}

function bodyOf(room: { uuid: number } | { name: string }, options: JoinOptions): RequestBodies['connect'] {
  const { create, max, users } = options
  const restrictions = max === undefined && users === undefined ? undefined : { max, users }
  return { room: { ...room, restrictions }, create }
}
