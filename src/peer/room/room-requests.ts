import { answerSchemas, type RequestBodies, type Restrictions, type RoomInfo } from '../../protocol/both-ends.ts'
import { unlessAborted } from '../shared/mod.ts'
import { readBody, type Signaling } from '../signaling/mod.ts'
import type { JoinOptions } from './join-options.ts'
import type { Moderation } from './joined-room-options.ts'

/** Errors after which the user is out of the room already: the session was lost, or the server removed the user. */
const IS_OUT: ReadonlySet<unknown> = new Set(['lost', 'not-in-room'])

/** Sends the requests about rooms. */
export class RoomRequests {
  readonly #signaling: Pick<Signaling, 'request'>
  readonly #failed: (error: Error) => void
  /** Aborted joins whose room the user has not left yet. */
  readonly #aborted = new Set<Promise<void>>()
  /** Joins that are not complete, by the uuid of their room. The user has entered it. */
  readonly #entered = new Map<number, AbortController>()

  /** @param failed the user could not leave the room of an aborted join */
  constructor(signaling: Pick<Signaling, 'request'>, failed: (error: Error) => void) {
    this.#signaling = signaling
    this.#failed = failed
  }

  /**
   * Joins a room. If the join fails later, or its signal aborts, the user leaves the room after the server's answer.
   *
   * @param prepare creates what the membership needs, after the answer
   * @throws as `Session.join`, and as `prepare`
   */
  async join<Needs>(
    room: string | number,
    options: JoinOptions,
    prepare: () => Promise<Needs>,
  ): Promise<[RoomInfo, Needs]> {
    const { signal, info } = options
    signal?.throwIfAborted()
    // The aborted join may be of the same room, and the server accepts no second one.
    if (this.#aborted.size > 0) await unlessAborted(signal, () => Promise.all(this.#aborted))
    const named = typeof room === 'number' ? { uuid: room } : { name: room }
    const joining = this.#connect({ ...bodyOf(named, options), info })
    const removed = new AbortController()
    const complete = async (): Promise<[RoomInfo, Needs]> => {
      const entered = await joining
      this.#entered.set(entered.uuid, removed)
      try {
        return [entered, await unlessAborted(removed.signal, prepare)]
      } finally {
        this.#entered.delete(entered.uuid)
      }
    }
    try {
      return await unlessAborted(signal, complete)
    } catch (error) {
      if (!removed.signal.aborted) this.#undo(joining)
      throw error
    }
  }

  /** The user is out of a room, or of all rooms. A join of it that is not complete rejects with this error. */
  removed(error: Error, uuid?: number): void {
    const joins = uuid === undefined ? [...this.#entered.values()] : [this.#entered.get(uuid)]
    for (const join of joins) join?.abort(error)
  }

  /** Joins a room again that still has its uuid. */
  rejoin(uuid: number): Promise<RoomInfo> {
    return this.#connect({ room: { uuid } })
  }

  /** Joins a room again by its name, with the options of the first join. */
  rejoinByName(name: string, options: JoinOptions): Promise<RoomInfo> {
    return this.#connect(bodyOf({ name }, options))
  }

  /** Subscribes to rooms of a name, or ends that. @returns such rooms that exist already */
  async watch(prefix: string, subscribe: boolean): Promise<RoomInfo[]> {
    return readBody(answerSchemas.rooms, await this.#signaling.request('rooms', { subscribe, prefix })).data
  }

  async leave(uuid: number): Promise<void> {
    try {
      await this.#signaling.request('disconnect', { uuid })
    } catch (error) {
      if (!IS_OUT.has((error as { code?: unknown }).code)) throw error
    }
  }

  /**
   * @param uuid returns the room's current uuid
   * @param restricted called when the server has replaced the restrictions
   */
  moderation(uuid: () => number, restricted: (restrictions: Restrictions) => void): Moderation {
    const signaling = this.#signaling
    return {
      close: async (reason) => void (await signaling.request('closeroom', { uuid: uuid(), reason })),
      kick: async (peer, reason) => void (await signaling.request('kick', { uuid: uuid(), peer, reason })),
      async restrict(restrictions) {
        await signaling.request('restrict', { uuid: uuid(), restrictions })
        restricted(restrictions)
      },
    }
  }

  async #connect(body: RequestBodies['connect']): Promise<RoomInfo> {
    return readBody(answerSchemas.connect, await this.#signaling.request('connect', body))
  }

  #undo(joining: Promise<RoomInfo>): void {
    const undone: Promise<void> = joining
      .then(
        ({ uuid }) => this.leave(uuid),
        // The server did not add the user, so there is nothing to undo.
        () => {},
      )
      .catch(this.#failed)
      .finally(() => this.#aborted.delete(undone))
    this.#aborted.add(undone)
  }
}

function bodyOf(room: { uuid: number } | { name: string }, options: JoinOptions): RequestBodies['connect'] {
  const { create, max, users } = options
  const restrictions = max === undefined && users === undefined ? undefined : { max, users }
  return { room: { ...room, restrictions }, create }
}
