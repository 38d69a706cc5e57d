import type { Context, Handler } from 'hono'
import type { WSEvents } from 'hono/ws'
import { FLOOD, type IceAnswer, type Identity, type WebRTCService } from '../../core/mod.ts'
import { randomId, SignalError, SUBPROTOCOL } from '../../protocol/mod.ts'
import { type EventLoopWatch, watchEventLoop } from '../metrics/event-loop-lag.ts'
import { countClose, type ServerMetrics } from '../metrics/server-metrics.ts'
import type { Runtime } from '../runtime/port.ts'
import type { Addresses } from '../shared/addresses.ts'
import { isUpgrade } from '../shared/handshake.ts'
import type { Log } from '../shared/log.ts'
import { brokeProtocol, wasLost, wasTooLarge } from './close-causes.ts'
import { SocketTransport } from './socket-transport.ts'

export interface SignalOptions {
  service: WebRTCService
  runtime: Runtime
  log: Log
  metrics: ServerMetrics
  addresses: Addresses
  /** Where a request comes from; empty where nobody knows. */
  addressOf(context: Context): string
  /** What the host says of who connects. */
  identityOf(context: Context): Identity | undefined
  /** Milliseconds between pings. */
  heartbeat: number
}

/** A close without a closing handshake (RFC 6455, section 7.4.1). */
const NO_HANDSHAKE = 1006

/**
 * Accepts WebSockets for a service. The first subprotocol that is offered is echoed, as browsers insist; one that is
 * not ours is the user's `auth`, as pages of the service before version 1 send it.
 */
export function acceptSignals(options: SignalOptions): Handler {
  const { service, runtime, metrics, addressOf, identityOf, heartbeat } = options
  // An app that nobody is connected to leaves no timer behind, and nobody waits there.
  const eventLoop = watchEventLoop(metrics.eventLoopLag)
  return runtime.upgradeWebSocket(heartbeat)(async (context) => {
    const protocol = context.req.header('sec-websocket-protocol')?.split(',')[0]?.trim() ?? ''
    const auth = identityOf(context) ?? (protocol === SUBPROTOCOL ? '' : protocol)
    const id = randomId()
    // Made before there is a connection: nothing may come between that and its welcome. The page is asked for here too.
    const asker = typeof auth === 'string' ? undefined : { identity: auth }
    const ice = isUpgrade(context) ? await service.iceServers(asker, id) : undefined
    return eventsOf({ protocol, address: addressOf(context), auth, id, ice }, eventLoop, options)
  })
}

interface Newcomer {
  protocol: string
  address: string
  auth: string | Identity
  id: number
  ice: IceAnswer | undefined
}

/**
 * What becomes of one connection. Apart from where its request is at hand: functions made there would keep that, 3 KiB of
 * it under Bun, for as long as the connection stands.
 */
function eventsOf(
  { protocol, address, auth, id, ice }: Newcomer,
  eventLoop: EventLoopWatch,
  options: SignalOptions,
): WSEvents {
  const { service, runtime, log, metrics, addresses, heartbeat } = options
  let transport: SocketTransport | undefined
  let entered = false
  const fail = (cause: unknown): void => {
    // A refusal has been answered, and counted, by the service.
    if (cause instanceof SignalError) return
    log.write('error', 'fault', { message: String((cause as Error)?.stack ?? cause) })
    transport?.close(1011, 'Server fault')
  }
  return {
    onOpen(_, { raw }) {
      transport = new SocketTransport(runtime.socket(raw, heartbeat), protocol, log)
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
        if (!(cause instanceof SignalError)) return fail(cause)
        transport.close(1013, cause.code)
      }
    },
    onMessage({ data }) {
      if (transport?.id === undefined || !service.users.has(transport.id)) return transport?.ignored()
      const start = performance.now()
      const { relayed } = service.counts
      try {
        // Under Bun it comes as bytes, whatever hono's type says.
        const message =
          typeof data === 'string' || (data as unknown) instanceof Uint8Array
            ? data
            : new Uint8Array(data as ArrayBuffer)
        const result = service.receive(message, transport)
        if (result instanceof Promise) result.catch(fail)
      } catch (cause) {
        fail(cause)
      }
      if (service.counts.relayed > relayed) metrics.relayTime.observe((performance.now() - start) / 1_000)
    },
    onClose(event) {
      // Deno tells twice of a connection that answers no ping.
      if (transport === undefined || transport.over) return
      transport.over = true
      if (--metrics.open === 0) eventLoop.stop()
      // Deno has 0 where there was no closing handshake.
      const code = event.code || NO_HANDSHAKE
      countClose(metrics, code)
      if (wasTooLarge(event)) metrics.tooLarge++
      if (entered) addresses.leave(address)
      if (transport.closedFor === FLOOD) addresses.shut(address)
      log.write('info', 'disconnected', { user: transport.id, code })
      if (wasLost(event)) service.connectionLost(transport)
      else service.removeUser(transport)
    },
    onError(event) {
      if (wasTooLarge(event)) metrics.tooLarge++
      // A close follows, which says the rest.
      if (transport !== undefined && brokeProtocol(event)) service.removeUser(transport)
    },
  }
}
