import type { Entered, Greeting, OwnIdentity, RequestBodies, Resume } from '../protocol/mod.ts'
import { answer, type Codec, codecOf, infoOf, listingAnswer, type Ticket } from './delivery/mod.ts'
import type { FanOut } from './fan-out/mod.ts'
import { denials, type Moderation, type Rooms } from './rooms/mod.ts'
import { type IceAnswer, type Identity, NOBODY, type RoomInfo, type UserType } from './shared/mod.ts'
import { type Admission, type Known, mergeInfo, type Session, type Sessions } from './users/mod.ts'

export interface HelloOptions {
  users: Map<number, UserType>
  rooms: Rooms
  sessions: Sessions
  fanOut: FanOut
  codec: Codec
  infoBytes: number
  admission: Admission
  moderation: Moderation
  /** Checks and runs the `connect` of a hello. */
  enter(body: unknown, user: UserType): Entered
}

/** A hello after the service has checked its token. */
export interface Hello extends Pick<RequestBodies['hello'], 'info' | 'resume'> {
  /** As received. An invalid one must not make the hello fail. */
  connect: unknown
  user: UserType
  ticket: Ticket
  /** The identity that the token stands for. Without a token, the sender's current identity. */
  sender: Known
  /** The ICE servers for the answer, if there are any. */
  ice: IceAnswer | undefined
  /** Whether the hello had a token. */
  known: boolean
}

/**
 * Answers a hello. The connection resumes an existing session, starts a new session, or has no session. A session that
 * resumes is in its rooms already, so it ignores `connect`.
 *
 * @returns the result that the sender receives
 * @throws SignalError `bad-frame` if `info` exceeds its limit
 */
export function greet(hello: Hello, options: HelloOptions): Greeting {
  const { info, resume, connect, user, ticket, sender } = hello
  const { sessions, rooms, fanOut, codec, infoBytes } = options
  // Only a fresh connection can resume a session: it has no session of its own, and its user is in no room.
  if (typeof resume === 'object' && !sessions.has(user) && rooms.membership.of(user.uuid).size === 0) {
    const isKnown = hello.known || sender.identity !== undefined
    const session = sessions.find(resume, isKnown ? sender.auth : undefined)
    if (session !== undefined) return goOn(hello, resume, session, options)
  }

  mergeInfo(user, info, infoBytes, sender.identity)
  const isNew = user.identity === NOBODY
  become(user, hello, options)
  const entered = connect === undefined ? undefined : options.enter(connect, user)
  // A session counts every message after the answer. So what waits must come before.
  fanOut.paid.catchUp(user)
  const begun = sessions.has(user)
  const offer = begun || resume !== undefined ? sessions.offer(user) : undefined
  const told = {
    id: user.uuid,
    recovered: false as const,
    ...(offer && { resume: offer }),
    ...entered,
    ...about(user, hello, options),
  }
  if (isNew && codecOf(user.ws, codec) === 'json') {
    const result = (rooms: RoomInfo[]): Greeting => ({ ...told, rooms })
    const visible = rooms.listings.introduce(user)
    fanOut.deliver(user, listingAnswer(ticket, user.uuid, result, visible))
    return result(visible.map(infoOf))
  }
  const sent = fanOut.deliver(user, answer(ticket, user.uuid, told)) === 'sent'
  // Start the session after the answer is sent: both ends count frames from this point.
  if (sent && !begun && offer !== undefined) sessions.start(user, offer)
  return told
}

function goOn(hello: Hello, resume: Resume, session: Session, options: HelloOptions): Greeting {
  const { info, user: temporary, ticket, sender } = hello
  const { users, rooms, sessions, fanOut, admission, infoBytes } = options
  const { user, replay } = session
  // The connection then belongs to the session, which sends the frames that the client lacks after the answer.
  fanOut.paid.catchUp(temporary)
  const offer = sessions.offer(temporary)
  mergeInfo(user, info, infoBytes, sender.identity ?? user.identity)
  const result: Greeting = {
    id: user.uuid,
    recovered: true,
    received: replay.received,
    resume: offer,
    ...about(sender.identity === undefined ? user : sender, hello, options),
  }
  // Send the answer as the temporary user, so that the resumed session does not count it.
  if (fanOut.deliver(temporary, answer(ticket, user.uuid, result)) !== 'sent') return result
  users.delete(temporary.uuid)
  rooms.listeners.remove(temporary)
  admission.release(temporary)
  sessions.resume(session, resume, offer, temporary.ws)
  if (sender.identity !== undefined) become(user, hello, options)
  return result
}

/** Applies the sender's identity to the user. If it permits less than before, the user leaves forbidden rooms. */
function become(user: UserType, { sender }: Hello, { admission, moderation }: HelloOptions): void {
  const before = denials(user.identity)
  const { publish, subscribe } = denials(sender.identity)
  admission.admit(user, sender)
  // Peers receive a user's permissions only in `connect`. If those change, the user must leave all rooms and rejoin.
  moderation.review(user, before.publish !== publish || before.subscribe !== subscribe)
}

/** The fields of the answer beside the session: the identity, its lifetime and the ICE servers. */
function about(
  known: Known,
  { ice }: Hello,
  { admission }: HelloOptions,
): Pick<Greeting, 'identity' | 'expiresIn' | 'ice'> {
  const { identity } = known
  const expiresIn = admission.lifetime(known)
  return {
    ...(identity && { identity: describeIdentity(identity) }),
    ...(expiresIn !== undefined && { expiresIn }),
    ...(ice && { ice }),
  }
}

function describeIdentity(identity: Identity): OwnIdentity {
  const { auth, name, rooms, create = true, publish = true, subscribe = true, admin = false } = identity
  return { auth, name, rooms: rooms?.slice(), create, publish, subscribe, admin }
}
