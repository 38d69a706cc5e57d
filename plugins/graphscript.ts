import type { SignalErrorBody, Transport, WebRTCService } from '../src/mod.ts'

/** The part of graphscript's Router that this plugin uses. */
export interface RouterLike {
  /** The users of the router, by `_id`. `mount` replaces the object with a Proxy to notice changes. */
  users: Record<string, RouterUser>
  /** Adds nodes to the router. Each node's functions become routes. */
  load(roots: Record<string, unknown>): unknown
  /** Returns the node of that name; undefined if there is none. */
  get(tag: string): unknown
  /** Returns the connection that a user's `send` uses. graphscript's WebSocket services store their socket in it. */
  getConnection(source: string, hasMethod: string): object | undefined
}

/** The part of a user of a graphscript Router that this plugin uses. */
export interface RouterUser {
  /** The user's id in the router. It becomes the user's `auth`. */
  _id: string
  /** Sends a message over the connection of the user. It may reject if the connection is gone. */
  send(message: { route: string; args: unknown[] }): unknown
}

/**
 * What a route returns for an error. graphscript does not handle rejected promises: a rejection in a call over a socket
 * would end the host's process.
 */
export interface Refusal {
  /** Code, reason and message, as PROTOCOL.md defines them. */
  error: SignalErrorBody
}

/** Arguments of these routes: the key, and the body that PROTOCOL.md defines for the request. */
const REQUESTS = 'hello rooms createroom connect disconnect info ice closeroom kick restrict'.split(' ')
/** Arguments of these routes: the key, the id of the destination peer, and the message. */
const RELAYS = 'offer answer candidate signal data'.split(' ')

/**
 * Adds signaling to a graphscript Router. The router's users are users of the service while the router has them. Each
 * command of PROTOCOL.md is a route, such as `webrtc.connect`. `router.remove('webrtc')` removes signaling again.
 *
 * A route does not know its caller. So each user first receives `{ route: 'webrtc.welcome', args: [{ id, key }] }`.
 * Peers know the user by `id`. The `key` is secret, and is the first argument of every call.
 *
 * The service sends its events in the same form:
 * - `webrtc.connect` with `{ id, info }`
 * - `webrtc.offer` with the origin's id and the message
 * - `webrtc.close` with `{ code, reason }` when the service removes the user; the router's connection stays open
 *
 * A user joins signaling only if it has a connection when the router adds it. graphscript replaces a user's own `send`.
 * The user's `_id` is the `auth` by which rooms are restricted; peers do not see it.
 *
 * @param service a service with `{ codec: 'json' }`. If `createApp` uses it too, companions meet the router's users
 * @param name name of the node with the routes
 * @returns the router. Its routes return the service's answer, or a `Refusal`
 * @throws Error if the router already has a node of that name
 * @throws TypeError for a service with another codec; `router.addUser` throws it, too
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
  if (router.get(name) !== undefined) throw new Error(`Cannot mount signaling: the router already has a node ${name}`)
  const { users } = router
  const callers = new Map<string, Transport>()
  const leaves = new Map<string, () => void>()
  let mounted = true

  const join = (id: string, user: RouterUser): void => {
    if (router.getConnection(id, 'send') === undefined) return
    // 128 random bits, so that nobody can guess the key.
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
      // If the service is full, the user has no signaling but stays in the router.
      transport.close(1013, refusal(cause).error.message)
      return
    }
    if (!transport.isText) {
      leave()
      throw new TypeError("Cannot reach the router's users: create the service with { codec: 'json' }")
    }
    callers.set(key, transport)
    transport.tell('welcome', { id: transport.id, key })
  }

  const call = async (cmd: unknown, key: unknown, data: unknown): Promise<unknown> => {
    const transport = callers.get(key as string)
    if (transport === undefined) return UNKNOWN_CALLER
    try {
      // Pass text, so that the service applies its limits on size and depth.
      return await service.onmessage(JSON.stringify({ data: { cmd, data } }), transport)
    } catch (cause) {
      return refusal(cause)
    }
  }

  for (const [id, user] of Object.entries(users)) join(id, user)
  // Observe `router.users`: the router adds and removes users in several places, and emits no event.
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
        // Another proxy may wrap this one by now. Then this one stays, but does nothing.
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
  /** Whether every message of the service so far was text. */
  isText: boolean
}

type Reach = () => { connection?: { socket?: { bufferedAmount?: number } } } | undefined

/** @param lost called if the user is unreachable or the service closes its transport, possibly more than once */
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
      // A message without a command answers a call. The route already returns that answer.
      if (cmd === undefined) return
      if (RELAYS.includes(cmd)) transport.tell(cmd, body.id, body.msg)
      else transport.tell(cmd, body)
    },
    close(code, reason) {
      transport.tell('close', { code, reason })
      // Remove the user later: the service may still be processing the current message.
      queueMicrotask(lost)
    },
    tell(event, ...args) {
      // graphscript's `send` does nothing without a connection. With one, it may throw or reject.
      if (reach() === undefined) queueMicrotask(lost)
      else (async () => user.send({ route: `${name}.${event}`, args }))().catch(lost)
    },
  }
  return transport
}

const UNKNOWN_CALLER: Refusal = {
  error: { code: 'unauthorized', reason: 'unauthorized', message: 'Cannot run the route: no user has this key' },
}

/** Checks the error's name: importing its class would load the whole server. Rethrows other errors, which are bugs. */
function refusal(cause: unknown): Refusal {
  if ((cause as Error).name !== 'SignalError') throw cause
  return { error: (cause as { toJSON(): SignalErrorBody }).toJSON() }
}
