import type { RequestBodies, Resume } from '../protocol/mod.ts'
import { answer, infoOf, listingAnswer, type Ticket } from './delivery/mod.ts'
import type { IceAnswer } from './ice.ts'
import { denials, type Moderation, type Rooms } from './rooms/mod.ts'
import type { Identity, RoomInfo, UserType } from './shared/mod.ts'
import { type Admission, type Known, mergeInfo, type Session, type Sessions } from './users/mod.ts'

export interface HelloOptions {
  users: Map<number, UserType>
  rooms: Rooms
  sessions: Sessions
  infoBytes: number
  admission: Admission
  moderation: Moderation
}

/** A hello whose sender is known by now. */
export interface Hello extends Pick<RequestBodies['hello'], 'info' | 'resume'> {
  user: UserType
  ticket: Ticket
  /** What the sender's token stands for; without a token, what is known of it already. */
  sender: Known
  /** What it is told about ICE servers, where there are any. */
  ice: IceAnswer | undefined
  /** Whether there was a token. */
  known: boolean
}

/**
 * Answers a hello: a connection becomes that of a session which lost its own, or begins one, or neither.
 *
 * @returns what the sender was answered
 * @throws SignalError `bad-frame` for an info beyond its limit
 */
export function greet(hello: Hello, options: HelloOptions): unknown {
  const { info, resume, user, ticket, sender } = hello
  const { sessions, rooms, infoBytes } = options
  // Only a connection that has been nobody yet becomes another's: not one with a session, or in a room.
  if (typeof resume === 'object' && !sessions.has(user) && rooms.membership.of(user.uuid).size === 0) {
    const isKnown = hello.known || sender.identity !== undefined
    const session = sessions.find(resume, isKnown ? sender.auth : undefined)
    if (session !== undefined) return goOn(hello, resume, session, options)
  }

  mergeInfo(user, info, infoBytes, sender.identity)
  become(user, hello, options)
  const begun = sessions.has(user)
  const offer = begun || resume !== undefined ? sessions.offer(user) : undefined
  const visible = rooms.visibleTo(user)
  const told = {
    id: user.uuid,
    recovered: false,
    ...(offer && { resume: offer }),
    ...about(user, hello, options),
  }
  const result = (rooms: RoomInfo[] | null) => ({ ...told, rooms })
  const sent = sessions.deliver(user, listingAnswer(ticket, user.uuid, result, visible)) === 'sent'
  // Behind the answer, so that both ends count from there on.
  if (sent && !begun && offer !== undefined) sessions.start(user, offer)
  return result(visible.map(infoOf))
}

function goOn(hello: Hello, resume: Resume, session: Session, options: HelloOptions): unknown {
  const { info, user: temporary, ticket, sender } = hello
  const { users, sessions, admission, infoBytes } = options
  const { user, replay } = session
  const offer = sessions.offer(temporary)
  mergeInfo(user, info, infoBytes, sender.identity ?? user.identity)
  const result = {
    id: user.uuid,
    recovered: true,
    received: replay.received,
    resume: offer,
    ...about(sender.identity === undefined ? user : sender, hello, options),
  }
  // The temporary user is sent it: it is not counted.
  if (sessions.deliver(temporary, answer(ticket, user.uuid, result)) !== 'sent') return result
  users.delete(temporary.uuid)
  admission.release(temporary)
  sessions.resume(session, resume, offer, temporary.ws)
  if (sender.identity !== undefined) become(user, hello, options)
  return result
}

/** Makes the user who it is known to be now; where that is less than before, it loses the rooms that it may not be in. */
function become(user: UserType, { sender }: Hello, { admission, moderation }: HelloOptions): void {
  const before = denials(user.identity)
  const { publish, subscribe } = denials(sender.identity)
  admission.admit(user, sender)
  // Its peers were told what it may do, and are told no more: they meet it anew.
  moderation.review(user, before.publish !== publish || before.subscribe !== subscribe)
}

/** What the answer says beside the session: who the user is known to be, for how long, and the ICE servers. */
function about(known: Known, { ice }: Hello, { admission }: HelloOptions): object {
  const { identity } = known
  const expiresIn = admission.lifetime(known)
  return {
    ...(identity && { identity: describeIdentity(identity) }),
    ...(expiresIn !== undefined && { expiresIn }),
    ...(ice && { ice }),
  }
}

function describeIdentity(identity: Identity): object {
  const { auth, name, rooms, create = true, publish = true, subscribe = true, admin = false } = identity
  return { auth, name, rooms, create, publish, subscribe, admin }
}
