import { type Room, type RoomInfo, SignalError, WebRTCService } from '../src/mod.ts'
import {
  answered,
  type RouterLike,
  type RouterRoom,
  type RouterUser,
  readTopics,
  relay,
  request,
  routerRoom,
  SIGNALS,
} from './liveserver/messages.ts'
import { type Member, RouterUsers } from './liveserver/users.ts'

export type { RouterLike, RouterRoom, RouterUser }

/** A function that the router calls. The router reads the parameters' names from the source, so they must stay. */
export type Method = (router: RouterLike, args: unknown[], origin: string) => Promise<unknown>

/** A route of the service. The router calls the function that the HTTP method or message names. */
export interface LiveserverRoute {
  /** The last part of the route's name, such as `subscribe`. The router calls it `webrtc/subscribe`. */
  route: string
  /** Runs a command of a user, and returns what the user receives. */
  post?: Method
  /** Removes a user from signaling. Only the route `users` has it. */
  delete?: Method
  /** The list that the route returns: `transform` creates it from `object`. */
  get?: { object: unknown; transform(): unknown }
}

/**
 * Signaling as a backend service of a liveserver Router; `liveserver-page.ts` is its client. Users meet in rooms
 * (`rooms/<id or name>`). Two users meet in a pair (`users/<id>`) once both have subscribed to each other. A user's
 * `auth` is its id at the router. An error is an answer: `{ route: 'error', message: [{ code, reason, message }] }`.
 *
 * @example
 * ```ts
 * import { LiveserverWebRTC, type RouterLike } from 'datastreams-webrtc/plugins/liveserver'
 *
 * export async function register(router: RouterLike & { load(service: object): Promise<unknown> }): Promise<void> {
 *   const webrtc = new LiveserverWebRTC() // or with a service that has other users, too: its codec must be 'json'
 *   await router.load(webrtc)
 *   // Users of the router now run webrtc/subscribe, webrtc/unsubscribe, webrtc/users, webrtc/rooms, webrtc/offer, …,
 *   // and are sent webrtc/connect, webrtc/disconnectPeer, webrtc/offer, …; webrtc.close() ends it.
 * }
 * ```
 */
export class LiveserverWebRTC {
  /** Tells liveserver that the service runs on the server. */
  static readonly type = 'backend'
  /** The first part of each route's name. It must be the name of the page's service. */
  readonly name = 'webrtc'
  /** The router sets it. */
  status = false
  /** The service behind the routes. If it has other users too, they share rooms with the router's users. */
  readonly service: WebRTCService
  /** The routes that the router calls for its users. */
  readonly routes: LiveserverRoute[]
  readonly #users: RouterUsers
  readonly #isOwn: boolean

  /**
   * Creates the backend service. Pass it to the router's `load`.
   *
   * @param service to which the router's users are added; its codec must be `'json'`. @default one of its own
   */
  constructor(service?: WebRTCService) {
    this.#isOwn = service === undefined
    this.service = service ?? new WebRTCService({ codec: 'json' })
    this.#users = new RouterUsers(this.service)
    const { members } = this.#users
    const post =
      (run: (member: Member, first: unknown, second: unknown) => unknown): Method =>
      (router, args, origin) =>
        answered(() => run(this.#users.speaker(router, origin), args?.[0], args?.[1]))
    this.routes = [
      { route: 'subscribe', post: post((member, topics) => this.#subscribe(member, topics)) },
      { route: 'unsubscribe', post: post((member, topics) => this.#unsubscribe(member, topics)) },
      {
        route: 'users',
        get: { object: members, transform: () => Array.from(members.values(), ({ user }) => about(user)) },
        post: (router, args, origin) => answered(() => about(this.#users.add(router, args?.[0], origin))),
        delete: (router, args, origin) => answered(() => ({ id: this.#users.remove(router, args?.[0], origin) })),
      },
      {
        route: 'rooms',
        get: {
          object: this.service.rooms,
          transform: () => this.service.publicRooms().map((room) => this.#room(room)),
        },
        post: post(async (member, settings) => this.#room(await this.#ask(member, 'createroom', settings ?? {}))),
      },
      ...SIGNALS.map((route) => ({ route, post: post((member, to, body) => this.#pass(route, member, to, body)) })),
    ]
  }

  /** The router requires this method. It does nothing: the service notifies each user through the user's own `send`. */
  subscribe(): void {}

  /** Removes the router's users from the service. Also closes the service if the constructor created it. */
  close(): void {
    this.#users.close()
    if (this.#isOwn) this.service.close()
  }

  async #subscribe(member: Member, topics: unknown): Promise<object> {
    const { username } = member.user
    const info = typeof username === 'string' ? { name: username } : {}
    for (const [kind, name] of readTopics(topics)) {
      const uuid = kind === 'users' ? await this.#pair(member, name) : this.#roomOf(member, name)
      const room = uuid === undefined ? { name } : { uuid }
      await this.#ask(member, 'connect', { room, create: true, info }).catch((cause) => {
        if (cause.reason !== 'already-in-room') throw cause
      })
    }
    return this.#info(member)
  }

  async #unsubscribe(member: Member, topics: unknown): Promise<object> {
    if (topics === undefined) await this.#ask(member, 'disconnect', null)
    for (const [kind, name] of topics === undefined ? [] : readTopics(topics)) {
      const isMeant = (room: Room): boolean =>
        kind === 'users' ? isPair(room, member, name) : String(room.uuid) === name || room.name === name
      const uuid = this.#inside(member).find(isMeant)?.uuid
      if (uuid === undefined) throw new SignalError('not-in-room', 'Cannot leave the room: not a member')
      await this.#ask(member, 'disconnect', { uuid })
    }
    return this.#info(member)
  }

  async #pass(cmd: string, { transport }: Member, to: unknown, body: unknown): Promise<true> {
    await this.service.onmessage(relay(cmd, this.#users.numberOf(to), body), transport)
    return true
  }

  // biome-ignore lint/suspicious/noExplicitAny: the answer's type depends on the command
  #ask({ transport }: Member, cmd: string, data: unknown): Promise<any> {
    return this.service.onmessage(request(cmd, data), transport)
  }

  /** Returns `name` as a uuid if that room exists and the member may join it. Otherwise `name` is a room's name. */
  #roomOf({ user, transport }: Member, name: string): number | undefined {
    const room = this.service.rooms.get(Number(name))
    return room !== undefined && String(room.uuid) === name && room.allows(user.id, transport.id)
      ? room.uuid
      : undefined
  }

  /** Finds or creates the pair's room. It has no name, because a third user could create a room of that name first. */
  async #pair(member: Member, name: string): Promise<number> {
    const other = this.#users.members.get(name)
    if (other === undefined || other === member) throw new SignalError('peer-not-found', 'Cannot find that user')
    const makers = [member.transport.id, other.transport.id]
    for (const room of this.service.rooms.values()) {
      if (isPair(room, member, name) && makers.includes(room.initiator)) return room.uuid
    }
    const restrictions = { users: [member.user.id, name], max: 2 }
    return (await this.#ask(member, 'createroom', { restrictions })).uuid
  }

  #inside({ transport }: Member): Room[] {
    return Array.from(this.service.rooms.values()).filter(({ peers }) => peers.has(transport.id))
  }

  /** Returns the peers in the member's rooms, and the rooms. */
  #info(member: Member): object {
    const rooms = this.#inside(member)
    const peers = new Map(rooms.flatMap((room) => [...room.peers]))
    peers.delete(member.transport.id)
    const about = Array.from(peers.values(), ({ uuid, info }) => ({ id: this.#users.nameOf(uuid), info }))
    return { route: 'info', message: [about, rooms.map((room) => this.#room(room.export()))] }
  }

  #room(room: RoomInfo): RouterRoom {
    return routerRoom(room, this.#users.nameOf)
  }
}

const about = ({ id, username }: RouterUser): object => ({ id, username })

function isPair({ restrictions: { users, max } }: Room, { user }: Member, name: string): boolean {
  return max === 2 && users?.length === 2 && users.includes(user.id) && users.includes(name)
}
