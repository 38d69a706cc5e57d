import type { Context, Handler } from 'hono'
import type { WSEvents } from 'hono/ws'
import { FLOOD, type IceAnswer, type Identity, type WebRTCService } from '../../core/mod.ts'
import { isKeepaliveOp, isRelayOp, randomId, SignalError, SUBPROTOCOL } from '../../protocol/mod.ts'
import { type EventLoopWatch, watchEventLoop } from '../metrics/event-loop-lag.ts'
import type { Log } from '../metrics/log.ts'
import { countClose, type ServerMetrics } from '../metrics/server-metrics.ts'
import type { Runtime } from '../runtime/port.ts'
import type { Addresses } from '../shared/addresses.ts'
import { isUpgrade } from '../shared/handshake.ts'
import { MessageTurns } from '../shared/turns.ts'
import { brokeProtocol, wasLost, wasTooLarge } from './close-causes.ts'
import { SocketTransport } from './socket-transport.ts'

export interface SignalOptions {
  service: WebRTCService
  runtime: Runtime
  log: Log
  metrics: ServerMetrics
  addresses: Addresses
  /** Returns the address that a request comes from; empty if it is unknown. */
  addressOf(context: Context): string
  /** Returns the identity that the host established for a request's user, if it did. */
  identityOf(context: Context): Identity | undefined
  /** Milliseconds between pings. */
  heartbeat: number
}

/** Close code if there was no closing handshake (RFC 6455, section 7.4.1). */
const NO_HANDSHAKE = 1006

type Data = string | Uint8Array<ArrayBuffer>

/**
 * Accepts WebSockets for a service. The server echoes the first offered subprotocol, because browsers require that. A
 * subprotocol other than ours is the user's `auth`, as pages from before version 1 send it.
 */
export function acceptSignals(options: SignalOptions): Handler {
  const { service, runtime, metrics, addressOf, identityOf, heartbeat } = options
  // The watch runs only while connections are open: an app without connections must not leave a timer behind.
  const eventLoop = watchEventLoop(metrics.eventLoopLag)
  const turns: Turns = new MessageTurns({
    nextTurn: runtime.nextTurn,
    now: () => performance.now(),
    counts: metrics,
    handle: (transport, data) => receive(transport, data, turns, options),
    isQuick,
    pause: (transport) => transport.pause(),
    resume: (transport) => transport.resume(),
  })
  return runtime.upgradeWebSocket(heartbeat)(async (context) => {
    const protocol = context.req.header('sec-websocket-protocol')?.split(',')[0]?.trim() ?? ''
    const auth = identityOf(context) ?? (protocol === SUBPROTOCOL ? '' : protocol)
    const id = randomId()
    // Get the ICE servers before the connection opens: no message may arrive between its opening and `welcome`.
    // Requests for the page arrive here too, and need no ICE servers.
    const asker = typeof auth === 'string' ? undefined : { identity: auth }
    const ice = isUpgrade(context) ? await service.iceServers(asker, id) : undefined
    return eventsOf({ protocol, address: addressOf(context), auth, id, ice }, eventLoop, turns, options)
  })
}

type Turns = MessageTurns<SocketTransport, Data>

interface Newcomer {
  protocol: string
  address: string
  auth: string | Identity
  id: number
  ice: IceAnswer | undefined
}

/**
 * Returns the event handlers of one connection. They are not closures of the handler above, because such closures would
 * retain the request. That takes 3 KiB under Bun for as long as the connection is open.
 */
function eventsOf(
  { protocol, address, auth, id, ice }: Newcomer,
  eventLoop: EventLoopWatch,
  turns: Turns,
  options: SignalOptions,
): WSEvents {
  const { service, runtime, log, metrics, addresses, heartbeat } = options
  let transport: SocketTransport | undefined
  let entered = false
  return {
    onOpen(_, { raw }) {
      const from = { protocol, address, isShared: addresses.isOwn(address) }
      transport = new SocketTransport(runtime.socket(raw, heartbeat), from, log)
      metrics.accepted++
      if (metrics.open++ === 0) eventLoop.start()
      entered = addresses.enter(address)
      if (!entered) {
        metrics.refused++
        return transport.close(1013, 'Too many connections from this address')
      }
      try {
        transport.id = id
        service.addUser(transport, auth, ice)
        log.write('debug', 'connected', { user: transport.id, address })
      } catch (cause) {
        if (!(cause instanceof SignalError)) return fail(transport, cause, log)
        // The server began to drain during the handshake. It closes this client like those before it.
        if (service.accepting) transport.close(1013, cause.code)
        else transport.close(1012, 'Server restarting')
      }
    },
    onMessage({ data }) {
      if (transport === undefined) return
      if (!isUsers(transport, service)) return transport.ignored()
      // Under Bun, binary data is a Uint8Array, although hono's type says otherwise.
      const isView = typeof data === 'string' || (data as unknown) instanceof Uint8Array
      turns.take(transport, isView ? (data as Data) : new Uint8Array(data as ArrayBuffer))
    },
    onClose(event) {
      // Deno emits two close events for a connection that answers no ping.
      if (transport === undefined || transport.over) return
      transport.over = true
      if (--metrics.open === 0) eventLoop.stop()
      // Deno reports 0 if there was no closing handshake.
      const code = event.code || NO_HANDSHAKE
      countClose(metrics, code)
      if (wasTooLarge(event)) metrics.tooLarge++
      if (entered) addresses.leave(address)
      log.write('info', 'disconnected', { user: transport.id, code })
      turns.end(transport, ended.bind(undefined, transport, wasLost(event), options))
    },
    onError(event) {
      if (wasTooLarge(event)) metrics.tooLarge++
      // A close event follows, and `onClose` does the rest.
      if (transport !== undefined && brokeProtocol(event)) service.removeUser(transport)
    },
  }
}

/** Whether a connection has a user: not after the service has removed it, or has resumed its session elsewhere. */
const isUsers = ({ id }: SocketTransport, service: WebRTCService): boolean => id !== undefined && service.users.has(id)

/** Longest message that is quick to handle, in bytes. */
const QUICK = 16_384

/**
 * Whether a message is quick to handle: a frame of a relay, whose body nobody reads, or a keepalive. A relay begins with an
 * array of three, a keepalive is an array of two (PROTOCOL.md, Frames).
 */
export function isQuick(data: Data): boolean {
  if (typeof data === 'string' || data.length > QUICK) return false
  return data[0] === 0x93 ? isRelayOp(data[1]) : data[0] === 0x92 && isKeepaliveOp(data[1])
}

/** Handles a message whose turn it is. */
function receive(transport: SocketTransport, data: Data, turns: Turns, options: SignalOptions): void {
  const { service, log, metrics, addresses } = options
  if (!isUsers(transport, service)) {
    turns.forget(transport)
    return
  }
  const start = performance.now()
  try {
    const { kind, result } = service.receive(data, transport)
    if (kind === 'relay') metrics.relayTime.observe((performance.now() - start) / 1_000)
    else if (result instanceof Promise) result.catch((cause) => fail(transport, cause, log))
  } catch (cause) {
    if (transport.closedFor === FLOOD) {
      // Now, not when the connection is over: the client may connect again before that.
      addresses.shut(transport.from)
      turns.forget(transport)
    }
    fail(transport, cause, log)
  }
}

/** Handles the end of a connection whose turn it is: after all that its client has sent. */
function ended(transport: SocketTransport, isLost: boolean, { service, log }: SignalOptions): void {
  try {
    if (isLost) service.connectionLost(transport)
    else service.removeUser(transport)
  } catch (cause) {
    fail(transport, cause, log)
  }
}

function fail(transport: SocketTransport, cause: unknown, log: Log): void {
  // The service has already answered and counted the refusal.
  if (cause instanceof SignalError) return
  log.write('error', 'fault', { message: String((cause as Error)?.stack ?? cause) })
  transport.close(1011, 'Server fault')
}
