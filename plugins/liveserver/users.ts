import { SignalError, type Transport, type WebRTCService } from '../../mod.ts'
import { notification, type RouterLike, type RouterUser, readUser } from './messages.ts'

/** One user of the router, as the service knows it. */
export interface Member {
  user: RouterUser
  transport: Transport & { id: number }
}

/** The users of a router in a service: string ids of the one, numbers of the other. */
export class RouterUsers {
  readonly members: Map<string, Member> = new Map()
  readonly #service: WebRTCService
  readonly #names = new Map<number, string>()
  /** Those whom the service has closed, as for too many messages: only the router itself brings them back. */
  readonly #dismissed = new WeakSet<RouterUser>()
  #closed = false

  constructor(service: WebRTCService) {
    this.#service = service
  }

  /** The router's id; of who has come another way, the service's own. */
  readonly nameOf = (id: number): string => this.#names.get(id) ?? String(id)

  /** @throws SignalError `peer-not-found`, as the service says it of who is not there */
  numberOf(name: unknown): number {
    const number = this.members.get(name as string)?.transport.id ?? Number(name)
    if (this.#service.users.has(number) && this.nameOf(number) === name) return number
    throw new SignalError('peer-not-found', 'Cannot find that peer in your rooms')
  }

  /**
   * What `POST webrtc/users` asks for.
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

  /** What `DELETE webrtc/users` asks for. */
  remove({ USERS }: RouterLike, given: unknown, origin: unknown): string {
    const { id, user } = readUser(given, origin)
    const member = this.members.get(id)
    // The end of a connection that was replaced must not take its successor along.
    const isReplaced = user !== undefined && Object.hasOwn(USERS, id) && USERS[id] !== user
    if (member !== undefined && !isReplaced) this.#forget(member)
    return id
  }

  /** Whoever speaks; one who was at the router before this was loaded is a user as well. */
  speaker(router: RouterLike, origin: unknown): Member {
    return this.members.get(origin as string) ?? this.#enter(userOf(router, origin))
  }

  close(): void {
    this.#closed = true
    for (const member of [...this.members.values()]) this.#forget(member)
  }

  #enter(user: RouterUser): Member {
    // An id that reads as another's number would get what is meant for that one.
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
      // What is thrown here the service takes as a connection that is lost; a rejection means the same.
      if (told !== undefined) Promise.resolve(user.send(told)).catch(close)
    }
    const transport: Transport = { send, close }
    const member = { user, transport } as Member
    this.#service.addUser(transport, user.id)
    this.members.set(user.id, member)
    this.#names.set(member.transport.id, user.id)
    if (isText) return member
    this.#forget(member)
    throw new TypeError("Cannot use that WebRTCService for a router as its codec must be 'json'")
  }

  #forget(member: Member): void {
    const { transport, user } = member
    // It has its name still while the others are told.
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
