import type { SignalErrorBody, Transport, WebRTCService } from '../mod.ts'

/** The part of graphscript's Router that is used. */
export interface RouterLike {
  users: Record<string, RouterUser>
  load(roots: Record<string, unknown>): unknown
  get(tag: string): unknown
  /** The connection that a user's `send` goes over; graphscript's WebSocket services keep their socket in it. */
  getConnection(source: string, hasMethod: string): object | undefined
}

export interface RouterUser {
  _id: string
  send(message: { route: string; args: unknown[] }): unknown
}

/** What a route gives where it refuses: graphscript takes no rejection, and over a socket one would end the host. */
export interface Refusal {
  error: SignalErrorBody
}

/** Behind the key comes the body that PROTOCOL.md says for each. */
const REQUESTS = 'hello rooms createroom connect disconnect info ice closeroom kick restrict'.split(' ')
/** Behind the key come the id of the peer that it goes to, and the message. */
const RELAYS = 'offer answer candidate signal data'.split(' ')

/**
 * Puts signaling into a graphscript Router: its users are the service's users for as long as the router has them, and
 * the commands of PROTOCOL.md are routes, such as `webrtc.connect`. `router.remove('webrtc')` ends it.
 *
 * A route is not told who calls it. So whoever joins is sent `{ route: 'webrtc.welcome', args: [{ id, key }] }`: by the
 * `id` peers know them, the `key` is theirs alone and the first argument of each call. All that the service tells has
 * this form: `webrtc.connect` with `{ id, info }`, `webrtc.offer` with the origin and the message; and `webrtc.close`
 * with `{ code, reason }` when it is done with somebody, whose connection is the router's own and stays.
 *
 * A user takes part who has a connection when the router adds it; a `send` of its own graphscript replaces. Its `_id` is
 * the `auth` that rooms restrict by, and peers do not hear of it.
 *
 * @param service made with `{ codec: 'json' }`; where `createApp` has it too, companions meet the router's users
 * @param name of the node that has the routes
 * @returns the router. A route gives what the service answers, or a `Refusal`
 * @throws Error where the router has such a node; TypeError, also from `router.addUser`, for a service of another codec
 *
 * @example
 * ```ts
 * import { WebRTCService } from 'datastreams-webrtc'
 * import { mount } from 'datastreams-webrtc/plugins/graphscript'
 * import { Router } from 'graphscript/dist/index.node.js'
 *
 * const router = mount(new Router(), new WebRTCService({ codec: 'json' }))
 * const told: Record<string, any> = {}
 * const connection = { _id: 'socket', send: ({ route, args }: any) => (told[route] = args[0]) }
 * await router.addUser({ _id: 'ada' }, { socket: { connection } })
 * await router.run('webrtc.connect', told['webrtc.welcome'].key, { room: { name: 'lab' }, create: true })
 * console.log(told['webrtc.roomadded'].name) // lab
 * ```
 */
export function mount<Router extends RouterLike>(router: Router, service: WebRTCService, name = 'webrtc'): Router {
  if (router.get(name) !== undefined) throw new Error(`Cannot mount signaling as the router has a node ${name}`)
  const { users } = router
  const callers = new Map<string, Transport>()
  const leaves = new Map<string, () => void>()
  let mounted = true

  const join = (id: string, user: RouterUser): void => {
    if (router.getConnection(id, 'send') === undefined) return
    // 128 bits that nobody guesses.
    const key = crypto.getRandomValues(new Uint32Array(4)).join('-')
    const leave = () => {
      callers.delete(key)
      if (leaves.get(id) === leave) leaves.delete(id)
      service.removeUser(transport)
    }
    const transport = transportFor(user, name, () => router.getConnection(id, 'send'), leave)
    leaves.set(id, leave)
    try {
      service.addUser(transport, id)
    } catch (cause) {
      // A full service costs its user signaling, and not the router.
      transport.close(1013, refusal(cause).error.message)
      return
    }
    if (!transport.isText) {
      leave()
      throw new TypeError("Cannot reach the router's users as the service must be made with { codec: 'json' }")
    }
    callers.set(key, transport)
    transport.tell('welcome', { id: transport.id, key })
  }

  const call = async (cmd: unknown, key: unknown, data: unknown): Promise<unknown> => {
    const transport = callers.get(key as string)
    if (transport === undefined) return UNKNOWN_CALLER
    try {
      // As text, so that the service's limits on size and depth hold as they do for everybody.
      return await service.onmessage(JSON.stringify({ data: { cmd, data } }), transport)
    } catch (cause) {
      return refusal(cause)
    }
  }

  for (const [id, user] of Object.entries(users)) join(id, user)
  // The router adds and removes users in several ways, by itself too, and tells nobody of any.
  const followed = new Proxy(users, {
    set(target, id: string, user) {
      leaves.get(id)?.()
      target[id] = user
      if (mounted) join(id, user)
      return true
    },
    deleteProperty(target, id: string) {
      leaves.get(id)?.()
      return delete target[id]
    },
  })
  router.users = followed
  router.load({
    [name]: {
      ...routes(REQUESTS, (cmd, key, body) => call(cmd, key, body)),
      ...routes(RELAYS, (cmd, key, id, msg) => call(cmd, key, { id, msg })),
      __ondisconnected() {
        mounted = false
        for (const leave of [...leaves.values()]) leave()
        // Another may have been put around it meanwhile; this one does nothing any more.
        if (router.users === followed) router.users = users
      },
    },
  })
  return router
}

type Route = (...args: unknown[]) => Promise<unknown>

const routes = (commands: string[], run: Route): Record<string, Route> =>
  Object.fromEntries(commands.map((cmd) => [cmd, (...args) => run(cmd, ...args)]))

interface UserTransport extends Transport {
  close(code?: number, reason?: string): void
  tell(event: string, ...args: unknown[]): void
  /** Whether all that the service sent so far was text. */
  isText: boolean
}

type Reach = () => { connection?: { socket?: { bufferedAmount?: number } } } | undefined

/** @param lost hears, maybe more than once, that the user cannot be reached or the service is done with it */
function transportFor(user: RouterUser, name: string, reach: Reach, lost: () => void): UserTransport {
  const transport: UserTransport = {
    isText: true,
    get bufferedAmount() {
      return reach()?.connection?.socket?.bufferedAmount ?? 0
    },
    send(data) {
      if (typeof data !== 'string') transport.isText = false
      if (!transport.isText) return
      const { cmd, data: body } = JSON.parse(data as string) as { cmd?: string; data: { id: unknown; msg: unknown } }
      // What has no command is the answer to a call, which its route gives.
      if (cmd === undefined) return
      if (RELAYS.includes(cmd)) transport.tell(cmd, body.id, body.msg)
      else transport.tell(cmd, body)
    },
    close(code, reason) {
      transport.tell('close', { code, reason })
      // Behind the message at hand: the service may be in the middle of it.
      queueMicrotask(lost)
    },
    tell(event, ...args) {
      // Without a connection graphscript's `send` does nothing; with one it may throw or reject.
      if (reach() === undefined) queueMicrotask(lost)
      else (async () => user.send({ route: `${name}.${event}`, args }))().catch(lost)
    },
  }
  return transport
}

const UNKNOWN_CALLER: Refusal = {
  error: { code: 'unauthorized', reason: 'unauthorized', message: 'Cannot act for anybody as no user has this key' },
}

/** Known by its name, so that loading this plugin loads nothing else; what is no refusal is a fault of somebody here. */
function refusal(cause: unknown): Refusal {
  if ((cause as Error).name !== 'SignalError') throw cause
  return { error: (cause as { toJSON(): SignalErrorBody }).toJSON() }
}
