import { VERSION } from '../../protocol/mod.ts'
import { type Codec, codecOf, event, listing } from '../delivery/mod.ts'
import type { FanOut } from '../fan-out/mod.ts'
import type { Rooms } from '../rooms/mod.ts'
import {
  type Counts,
  count,
  type IceAnswer,
  type Identity,
  type Limits,
  NOBODY,
  type OnEvent,
  type Transport,
  type UserType,
} from '../shared/mod.ts'
import type { Admission } from './admission.ts'
import type { Sessions } from './sessions.ts'
import { newUser } from './users.ts'

export interface LifecycleOptions {
  users: Map<number, UserType>
  rooms: Rooms
  sessions: Sessions
  fanOut: FanOut
  admission: Admission
  codec: Codec
  limits: Pick<Limits, 'frameBytes'>
  counts: Counts
  onevent: OnEvent
}

/** Adds users to the service and removes them. */
export class Lifecycle {
  readonly #options: LifecycleOptions

  constructor(options: LifecycleOptions) {
    this.#options = options
  }

  /**
   * Adds a user for a connection. A msgpack user receives `welcome` and an empty listing; it requests rooms
   * when it needs them. A JSON user receives the rooms that it may see.
   *
   * @throws SignalError as `WebRTCService.addUser`, except `server-full`
   */
  add(ws: Transport, auth: string | Identity, ice: IceAnswer | undefined): void {
    const { users, rooms, sessions, fanOut, admission, codec, limits, onevent } = this.#options
    const user = newUser(ws, admission.stranger(auth), users)
    users.set(user.uuid, user)
    admission.await(user)
    onevent({ name: 'user added', user: user.uuid })
    const isBinary = codecOf(ws, codec) === 'msgpack'
    if (isBinary) {
      const told = user.identity === NOBODY || !ice?.iceServers.length ? {} : { ice }
      const { frameBytes } = limits
      const welcome = { version: VERSION, id: user.uuid, frameBytes, recovered: false, joins: true, ...told }
      sessions.deliver(user, event('welcome', welcome))
    }
    // Before version 1, clients did not request rooms. A user without its token receives them in the answer to `hello`.
    const visible = isBinary || user.identity === NOBODY ? [] : rooms.listings.introduce(user)
    fanOut.charged(user, () => fanOut.deliver(user, listing(visible)))
  }

  /** Handles a connection that was lost without a close: a user that cannot resume is removed. */
  lose(user: UserType): void {
    const { sessions, onevent } = this.#options
    if (sessions.lose(user)) onevent({ name: 'connection lost', user: user.uuid })
    else this.remove(user)
  }

  remove(user: UserType): void {
    const { users, rooms, sessions, fanOut, admission, onevent } = this.#options
    users.delete(user.uuid)
    onevent({ name: 'user removed', user: user.uuid })
    sessions.end(user)
    fanOut.paid.forget(user)
    admission.release(user)
    rooms.listeners.remove(user)
    rooms.leaveAll(user)
    fanOut.forget(user)
  }

  /** Removes a user and closes its connection. The client cannot resume. */
  dismiss(user: UserType, code: number, reason: string): void {
    this.remove(user)
    user.ws.close?.(code, reason)
  }

  /** Removes all users and rooms without notifying anybody, and closes every connection with 1001. */
  close(): void {
    const { users, rooms, sessions, fanOut, admission } = this.#options
    const closing = [...users.values()]
    // Clear the users first, so that no user is notified of every other user's departure.
    users.clear()
    rooms.clear()
    sessions.clear()
    fanOut.paid.clear()
    admission.clear()
    for (const { ws } of closing) ws.close?.(1001, 'Server going away')
  }

  /**
   * Removes a user whose transport accepted no message, after the current message has reached its other receivers.
   * `full` means that the transport's queue is at its limit. `failed` means that the transport threw; then a user with
   * a session can still resume.
   */
  removeUnreachable(user: UserType, result: 'full' | 'failed'): void {
    const { users, counts, sessions } = this.#options
    const { ws } = user
    queueMicrotask(() => {
      // Several messages may have failed in the meantime. Remove and count the user only once.
      if (users.get(user.uuid) !== user || user.ws !== ws) return
      if (result === 'full') {
        counts.slow++
        count(counts.limited, 'queuedBytes')
        return this.dismiss(user, 1013, 'Too slow')
      }
      if (!sessions.lose(user)) {
        counts.failed++
        this.remove(user)
      }
      ws.close?.(1011, 'Cannot be sent to')
    })
  }
}
