import { TOKEN_EXPIRED } from '../protocol/mod.ts'
import { LocalDelivery } from './delivery/mod.ts'
import { Dispatcher } from './dispatcher.ts'
import { iceFor } from './ice.ts'
import { Rates, Relays } from './relay/mod.ts'
import { type RequestHandlers, requestHandlers } from './request-handlers.ts'
import { Moderation, Rooms } from './rooms/mod.ts'
import {
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
import { Admission, Sessions } from './users/mod.ts'

/** The service's options and its own callbacks. */
export interface PartsOptions extends Omit<WebRTCServiceOptions, 'limits'> {
  users: Map<number, UserType>
  counts: Counts
  limits: Limits
  /** Called when a user's transport accepts no message: its queue is at the limit (`full`), or it threw (`failed`). */
  onlost(user: UserType, result: 'full' | 'failed'): void
  /** Called when a disconnected user can no longer resume. */
  onover(user: UserType): void
  /** Called for a user that sends too much, while its connection is being closed. */
  ondismissed(user: UserType): void
  /** Called when the service must remove a user. Takes the close code and its reason. */
  onended(user: UserType, code: number, reason: string): void
}

/** The parts of a service. */
export interface Parts {
  sessions: Sessions
  rooms: Rooms
  relays: Relays
  admission: Admission
  ice: (id: number) => IceAnswer | Promise<IceAnswer>
  handlers: RequestHandlers
  dispatcher: Dispatcher
}

/** Creates the parts of a service and connects them with each other. */
export function makeParts(options: PartsOptions): Parts {
  const {
    users,
    counts,
    limits,
    codec = 'msgpack',
    clock = systemClock,
    onlost,
    onover,
    onended,
    ondismissed,
    onevent = ignoreEvent,
  } = options
  const { iceServers = [], turn, authenticate, requireToken = false, emptyRoomTtl } = options
  const sessions = new Sessions({
    line: new LocalDelivery({ codec, queuedBytes: limits.queuedBytes, counts, onrefused: onlost }),
    clock,
    grace: options.resumeGrace ?? defaultResumeGrace,
    limits,
    counts,
    onfailed: (user) => onlost(user, 'failed'),
    onover,
    onevent,
  })
  const rooms = new Rooms({ users, delivery: sessions, limits, clock, emptyRoomTtl, onevent })
  const relays = new Relays({ users, membership: rooms.membership, delivery: sessions, counts })
  const onexpired = (user: UserType) => onended(user, TOKEN_EXPIRED, 'Token expired')
  const onsilent = (user: UserType) => {
    count(counts.limited, 'helloTime')
    onended(user, 1008, 'No hello in time')
  }
  const admission = new Admission({
    authenticate,
    required: requireToken,
    clock,
    helloTime: limits.helloTime,
    onexpired,
    onsilent,
  })
  const moderation = new Moderation({ users, rooms, delivery: sessions })
  const ice = iceFor({ iceServers, turn, clock })
  const handlers = requestHandlers({ rooms, moderation, ice, infoBytes: limits.infoBytes })
  const known = { users, rooms, relays, sessions, admission, moderation, ice, handlers }
  const dispatcher = new Dispatcher({
    ...known,
    rates: new Rates({ clock, limits }),
    codec,
    limits,
    counts,
    ondismissed,
    onevent,
  })
  return { sessions, rooms, relays, admission, ice, handlers, dispatcher }
}
