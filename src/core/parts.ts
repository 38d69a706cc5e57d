import { TOKEN_EXPIRED } from '../protocol/mod.ts'
import { Buffers } from './buffers/mod.ts'
import { LocalDelivery, PacedDelivery } from './delivery/mod.ts'
import { Dispatcher } from './dispatcher.ts'
import { FanOut } from './fan-out/mod.ts'
import { iceFor } from './ice.ts'
import { Rates, Relays } from './relay/mod.ts'
import { type RequestHandlers, requestHandlers } from './request-handlers.ts'
import { Moderation, Rooms } from './rooms/mod.ts'
import {
  type Clock,
  type Counts,
  count,
  defaultResumeGrace,
  type IceAnswer,
  ignoreEvent,
  type Limits,
  systemClock,
  type UserType,
  type WebRTCServiceOptions,
} from './shared/mod.ts'
import { Admission, Lifecycle, Sessions } from './users/mod.ts'

/** The service's options and what it shares with its parts. */
export interface PartsOptions extends Omit<WebRTCServiceOptions, 'limits'> {
  users: Map<number, UserType>
  counts: Counts
  limits: Limits
}

/** The parts of a service. */
export interface Parts {
  buffers: Buffers
  rooms: Rooms
  relays: Relays
  admission: Admission
  lifecycle: Lifecycle
  ice: (id: number) => IceAnswer | Promise<IceAnswer>
  handlers: RequestHandlers
  dispatcher: Dispatcher
  clock: Clock
}

/** Creates the parts of a service and connects them with each other. */
export function makeParts(options: PartsOptions): Parts {
  const { users, counts, limits, codec = 'msgpack', clock = systemClock, onevent = ignoreEvent } = options
  const { iceServers = [], turn, authenticate, requireToken = false, emptyRoomTtl } = options
  // A transport may accept no message: its queue is at the limit (`full`), or it threw (`failed`).
  const onrefused = (user: UserType, result: 'full' | 'failed') => lifecycle.removeUnreachable(user, result)
  const buffers = new Buffers({
    bytes: limits.bufferedBytes,
    users,
    counts,
    onover: (user, waits) =>
      waits ? lifecycle.remove(user) : lifecycle.dismiss(user, 1013, 'Too many bytes are buffered'),
  })
  const sessions = new Sessions({
    line: new LocalDelivery({ codec, queuedBytes: limits.queuedBytes, counts, buffers, onrefused }),
    buffers,
    clock,
    grace: options.resumeGrace ?? defaultResumeGrace,
    limits,
    counts,
    onfailed: (user) => onrefused(user, 'failed'),
    onover: (user) => lifecycle.remove(user),
    onevent,
  })
  const delivery = new PacedDelivery({ delivery: sessions, clock, counts })
  const fanOut = new FanOut({ delivery, codec, clock, limits, counts })
  const rooms = new Rooms({ users, fanOut, limits, clock, counts, emptyRoomTtl, onevent })
  const relays = new Relays({ users, membership: rooms.membership, delivery, counts })
  const admission = new Admission({
    authenticate,
    required: requireToken,
    clock,
    helloTime: limits.helloTime,
    onexpired: (user) => lifecycle.dismiss(user, TOKEN_EXPIRED, 'Token expired'),
    onsilent(user) {
      count(counts.limited, 'helloTime')
      lifecycle.dismiss(user, 1008, 'No hello in time')
    },
  })
  const lifecycle = new Lifecycle({ users, rooms, sessions, fanOut, admission, codec, limits, counts, onevent })
  const moderation = new Moderation({ rooms, fanOut })
  const ice = iceFor({ iceServers, turn, clock })
  const handlers = requestHandlers({ rooms, moderation, ice, infoBytes: limits.infoBytes })
  const dispatcher = new Dispatcher({
    users,
    rooms,
    relays,
    sessions,
    fanOut,
    admission,
    moderation,
    ice,
    handlers,
    rates: new Rates({ clock, limits }),
    codec,
    limits,
    counts,
    ondismissed: (user) => lifecycle.remove(user),
    onevent,
  })
  return { buffers, rooms, relays, admission, lifecycle, ice, handlers, dispatcher, clock }
}
