import { legacyClients } from '../src/peer/legacy/mod.ts'
import { type HostedRooms, hostedRooms, type Membership, SignalError, type SignalErrorCode } from '../src/peer/mod.ts'
import { recording } from '../src/peer/recording/mod.ts'

/** Calls a route of the server's router, such as `webrtc/subscribe`. Returns its answer, as `endpoint.send` does. */
export type RunRoute = (route: string, args: unknown[]) => Promise<unknown>

/** A route that the page's own router offers to the server. */
export interface PageRoute {
  /** The name of the event or signal, such as `connect`. The router calls it `webrtc/connect`. */
  route: string
  /** Takes a message from the server's router. The router reads the parameters' names from the source. */
  post(router: unknown, args: unknown[], origin: unknown): void
}

const SIGNALS = ['offer', 'answer', 'candidate', 'signal'] as const

/** A peer in this user's rooms. The companion needs a number for it, because the router's ids are strings. */
interface Known {
  number: number
  rooms: Set<string>
}

/** This user's own number. Peers have larger numbers. */
const OWN = 1

/**
 * The companion on a page of a liveserver app. It receives messages of `LiveserverWebRTC` through the page's own
 * router, and calls routes of the server's router. It emits `roomadded` and `roomchanged` for rooms that this user may
 * join. One of them may be a pair that another user has requested. The event's `detail` is the room.
 *
 * @example
 * ```ts
 * import { LiveserverPeers, type RunRoute } from 'datastreams-webrtc/plugins/liveserver-page'
 *
 * export async function share(router: { load(service: object): Promise<unknown> }, run: RunRoute): Promise<void> {
 *   const peers = new LiveserverPeers(run)
 *   await router.load(peers)
 *   const room = await peers.join('rooms/lab') // or 'users/<id>': a pair, once the other has joined, too
 *   room.publish({ name: 'Heart', nominalRate: 1 }, { unit: 'bpm' }).push([61])
 *   room.addEventListener('peer', ({ detail: peer }) => console.log(peer.info.name, peer.streams))
 * }
 * ```
 */
export class LiveserverPeers extends EventTarget {
  /** Tells liveserver that the service runs on the page. */
  static readonly type = 'client'
  /** The first part of each route's name. It must be the name of the server's service. */
  readonly name = 'webrtc'
  /** The router sets it. */
  status = false
  /** The routes that the router calls with messages of the server. */
  readonly routes: PageRoute[]
  readonly #run: RunRoute
  readonly #rooms: HostedRooms
  readonly #known = new Map<string, Known>()
  readonly #names = new Map<number, string>()
  #newest = OWN

  /**
   * Creates the companion of a page. Pass it to the `load` of the page's own router.
   *
   * @param run calls a route of the server's router
   * @param rtc configuration of every RTCPeerConnection, such as your `iceServers`
   */
  constructor(run: RunRoute, rtc: RTCConfiguration = {}) {
    super()
    this.#run = run
    this.#rooms = hostedRooms({
      id: OWN,
      rtc: { iceServers: [], ...rtc },
      legacyClients,
      recording,
      request: (name, body) => this.#request(name, body),
      relay: (name, peer, body) => {
        // Ignore errors: if the peer has left, the server sends `disconnectPeer`.
        void this.#run(`webrtc/${name}`, [this.#names.get(peer), JSON.stringify(body)]).catch(() => {})
      },
    })
    this.routes = [
      on('connect', (arrival) => this.#connected(arrival)),
      on('disconnectPeer', (id, room) => this.#disconnected(id, room)),
      ...['roomadded', 'roomchanged'].map((name) =>
        on(name, (detail) => this.dispatchEvent(new CustomEvent(name, { detail }))),
      ),
      on('kicked', (removed) => this.#kicked(Object(removed))),
      on('roomclosed', (closed) => this.#kicked({ code: 'closed', ...Object(closed) })),
      ...SIGNALS.map((name) => on(name, (origin, text) => this.#receive(name, origin, text))),
    ]
  }

  /** The router requires this method. It does nothing, because the page emits nothing to the router. */
  subscribe(): void {}

  /**
   * Joins a room, which is created if it does not exist, or a pair with another user.
   *
   * @param topic `rooms/<id or name>` or `users/<id>`
   * @returns the membership, as `Session.join` returns it, but `kick`, `restrict` and `closeRoom` throw `forbidden`
   * @throws SignalError the error that the server answered
   */
  join(topic: string): Promise<Membership> {
    return this.#rooms.join(topic)
  }

  /** Leaves every room. */
  async close(): Promise<void> {
    this.#rooms.close()
    this.#known.clear()
    this.#names.clear()
    await this.#run('webrtc/unsubscribe', [])
  }

  async #request(name: string, body: unknown): Promise<unknown> {
    if (name === 'connect') {
      const topic = (body as { room: { name: string } }).room.name
      return this.#numbered(roomOf(topic, (await this.#ask('webrtc/subscribe', [[topic]])) as unknown[]))
    }
    if (name === 'disconnect') return this.#ask('webrtc/unsubscribe', [[`rooms/${(body as { uuid: number }).uuid}`]])
    throw new SignalError('forbidden', `Cannot ask for ${name} through the router`)
  }

  async #ask(route: string, args: unknown[]): Promise<unknown> {
    const answer = (await this.#run(route, args)) as { route?: unknown; message?: unknown } | undefined
    if (answer?.route !== 'error') return answer?.message
    const [{ code, message, reason }] = answer.message as [{ code: SignalErrorCode; message: string; reason: never }]
    throw new SignalError(code, message, { reason })
  }

  #connected(given: unknown): void {
    const { id, initiator, room, ...rest } = Object(given)
    const known = this.#known.get(id) ?? { number: ++this.#newest, rooms: new Set() }
    known.rooms.add(room)
    this.#known.set(id, known)
    this.#names.set(known.number, id)
    const { number } = known
    this.#rooms.connected({ ...rest, id: number, initiator: initiator === id ? number : OWN, room: Number(room) })
  }

  #disconnected(id: unknown, room: unknown): void {
    const known = this.#known.get(id as string)
    if (known === undefined) return
    this.#rooms.disconnected({ id: known.number, room: Number(room) })
    known.rooms.delete(room as string)
    if (known.rooms.size > 0) return
    this.#known.delete(id as string)
    this.#names.delete(known.number)
  }

  #kicked({ uuid, ...rest }: Record<string, unknown>): void {
    this.#rooms.kicked({ ...rest, uuid: Number(uuid) })
  }

  #receive(name: (typeof SIGNALS)[number], origin: unknown, text: unknown): void {
    const number = this.#known.get(origin as string)?.number
    if (number !== undefined) this.#rooms.receive(name, number, JSON.parse(text as string))
  }

  /** Omits the peers: each gets its number when the server sends `connect` for it. */
  #numbered({ uuid, ...rest }: Record<string, unknown>): object {
    return { ...rest, uuid: Number(uuid), initiator: 0, peers: [] }
  }
}

/** The router reads the names of `post`'s parameters from its source, so they must stay. */
const on = (route: string, take: (first: unknown, second: unknown) => void): PageRoute => ({
  route,
  // biome-ignore lint/correctness/noUnusedFunctionParameters: see above
  post: (router, args, origin) => take(args[0], args[1]),
})

/** Finds the room of the topic among all rooms of the user. */
function roomOf(topic: string, [, rooms]: unknown[]): Record<string, unknown> {
  const name = topic.slice(topic.indexOf('/') + 1)
  const isMeant = (room: { uuid: string; name: string; restrictions: { users?: string[]; max?: number } }): boolean =>
    topic.startsWith('users/')
      ? room.restrictions.max === 2 && (room.restrictions.users?.includes(name) ?? false)
      : room.uuid === name || room.name === name
  return (rooms as Parameters<typeof isMeant>[0][]).find(isMeant) as never
}
