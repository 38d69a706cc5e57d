import { SignalError, type Transport, type WebRTCService } from '../../src/mod.ts'
import { notification, type RouterLike, type RouterUser, readUser } from './messages.ts'

/** A user of the router that is also a user of the service. */
export interface Member {
  user: RouterUser
  transport: Transport & { id: number }
}

/** The router's users in the service. Maps the router's string ids to the service's numbers. */
export class RouterUsers {
  readonly members: Map<string, Member> = new Map()
  readonly #service: WebRTCService
  readonly #names = new Map<number, string>()
  /** Users that the service has closed, such as for too many messages. Only the router itself can add them again. */
  readonly #dismissed = new WeakSet<RouterUser>()
  #closed = false

  constructor(service: WebRTCService) {
    this.#service = service
  }

  /** Returns the router's id of a user. For a user of another host, returns the service's id as a string. */
  readonly nameOf = (id: number): string => this.#names.get(id) ?? String(id)

  /** @throws SignalError `peer-not-found` for an unknown user, as the service does */
  numberOf(name: unknown): number {
    if (typeof name === 'string') {
      const number = this.members.get(name)?.transport.id ?? Number(name)
      if (this.#service.users.has(number) && this.nameOf(number) === name) return number
    }
    throw new SignalError('peer-not-found', 'Cannot relay: no peer of your rooms has this id')
  }

  /**
   * Handles `POST webrtc/users`.
   *
   * @throws SignalError `bad-frame`, `unauthorized`, `server-full`
   */
  add(router: RouterLike, given: unknown, origin: unknown): RouterUser {
    const { id, user = userOf(router, id) } = readUser(given, origin)
    if (user === given) this.#dismissed.delete(user)
    const known = this.members.get(id)
    if (known?.user === user) return user
    if (known !== undefined) this.#forget(known)
    return this.#enter(user).user
  }

  /** Handles `DELETE webrtc/users`. */
  remove({ USERS }: RouterLike, given: unknown, origin: unknown): string {
    const { id, user } = readUser(given, origin)
    const member = this.members.get(id)
    // If a new connection has replaced this one, closing the old one must not remove the new one.
    const isReplaced = user !== undefined && Object.hasOwn(USERS, id) && USERS[id] !== user
    if (member !== undefined && !isReplaced) this.#forget(member)
    return id
  }

  /** Returns the member that calls a route. Adds users that the router had before it loaded this service. */
  speaker(router: RouterLike, origin: unknown): Member {
    return this.members.get(origin as string) ?? this.#enter(userOf(router, origin))
  }

  close(): void {
    this.#closed = true
    for (const member of [...this.members.values()]) this.#forget(member)
  }

  #enter(user: RouterUser): Member {
    // Reject an id that reads as another user's number: it would receive that user's signals.
    if (this.#closed || this.#dismissed.has(user) || this.#service.users.has(Number(user.id))) {
      throw new SignalError('unauthorized', 'Cannot add that user of the router')
    }
    let isText = true
    const close = (): void => {
      this.#dismissed.add(user)
      this.#forget(member)
    }
    const send = (data: string | Uint8Array): void => {
      isText &&= typeof data === 'string'
      const told = isText ? notification(JSON.parse(data as string), this.nameOf) : undefined
      // The service treats an error thrown here as a lost connection. Treat a rejection the same.
      if (told !== undefined) Promise.resolve(user.send(told)).catch(close)
    }
    const transport: Transport = { send, close }
    const member = { user, transport } as Member
    this.#service.addUser(transport, user.id)
    this.members.set(user.id, member)
    this.#names.set(member.transport.id, user.id)
    if (isText) return member
    this.#forget(member)
    throw new TypeError("Cannot use this WebRTCService for a router: its codec must be 'json'")
  }

  #forget(member: Member): void {
    const { transport, user } = member
    // Remove the user first: notifications to its peers still need its name.
    this.#service.removeUser(transport)
    if (this.members.get(user.id) === member) this.members.delete(user.id)
    this.#names.delete(transport.id)
  }
}

function userOf({ USERS }: RouterLike, id: unknown): RouterUser {
  const user = typeof id === 'string' && Object.hasOwn(USERS, id) ? USERS[id] : undefined
  if (user !== undefined && user.id === id) return user
  throw new SignalError('unauthorized', 'Cannot act for somebody who is no user of the router')
}
