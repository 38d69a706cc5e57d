import type { RequestBodies, Resume } from '../protocol/mod.ts'
import { answer, type Ticket } from './outgoing.ts'
import type { Rooms } from './rooms.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'
import type { UserType } from './types.ts'
import { mergeInfo } from './users.ts'

export interface HelloOptions {
  users: Map<number, UserType>
  rooms: Rooms
  sessions: Sessions
  infoBytes: number
}

/** A hello whose sender is known by now. */
export interface Hello extends Pick<RequestBodies['hello'], 'info' | 'resume'> {
  user: UserType
  ticket: Ticket
  /** What the sender's token stands for; without a token, the auth that it has. */
  auth: string | undefined
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
  const { info, resume, user, ticket, auth } = hello
  const { sessions, rooms, infoBytes } = options
  // Only a connection that has been nobody yet becomes another's: not one with a session, or in a room.
  if (typeof resume === 'object' && !sessions.has(user) && rooms.membership.of(user.uuid).size === 0) {
    const session = sessions.find(resume, hello.known ? auth : undefined)
    if (session !== undefined) return goOn(hello, resume, session, options)
  }

  if (info !== undefined) mergeInfo(user, info, infoBytes)
  user.auth = auth
  const begun = sessions.has(user)
  const offer = begun || resume !== undefined ? sessions.offer(user) : undefined
  const result = { id: user.uuid, recovered: false, rooms: rooms.visibleTo(user), ...(offer && { resume: offer }) }
  const sent = sessions.deliver(user, answer(ticket, user.uuid, result)) === 'sent'
  // Behind the answer, so that both ends count from there on.
  if (sent && !begun && offer !== undefined) sessions.start(user, offer)
  return result
}

function goOn(hello: Hello, resume: Resume, session: Session, { users, sessions, infoBytes }: HelloOptions): unknown {
  const { info, user: temporary, ticket } = hello
  const { user, replay } = session
  const offer = sessions.offer(temporary)
  if (info !== undefined) mergeInfo(user, info, infoBytes)
  const result = { id: user.uuid, recovered: true, received: replay.received, resume: offer }
  // The temporary user is sent it: it is not counted.
  if (sessions.deliver(temporary, answer(ticket, user.uuid, result)) !== 'sent') return result
  users.delete(temporary.uuid)
  sessions.resume(session, resume, offer, temporary.ws)
  return result
}
