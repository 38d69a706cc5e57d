import { checkRequest, encodeValue, isId, MAX_INFO_BYTES, randomId, SignalError } from '../protocol/mod.ts'
import type { WebRTCServiceOptions } from './options.ts'
import type { Info, Transport, UserType } from './types.ts'

/**
 * A user for a connection, which is given an id if it has none.
 *
 * @throws SignalError `bad-frame` for an id out of range, `forbidden` for one that is in use
 */
export function newUser(ws: Transport, auth: string, users: ReadonlyMap<number, UserType>): UserType {
  const uuid = ws.id ?? randomId()
  if (!isId(uuid)) {
    throw SignalError.badFrame('wrong-type', `Cannot add a user as ws.id must be in 1..2^53-1: it is ${uuid}`)
  }
  if (users.has(uuid)) {
    throw new SignalError('forbidden', `Cannot add a user as the id ${uuid} is in use`, { reason: 'already-added' })
  }
  ws.id = uuid
  return { uuid, auth, ws, info: {} }
}

/** Adds to what a user says about itself; all of it together is bounded. */
export function mergeInfo(user: UserType, info: Info, infoBytes: number): Info {
  const merged = checkRequest('info', { ...user.info, ...info })
  if (infoBytes < MAX_INFO_BYTES && encodeValue(merged).length > infoBytes) {
    const message = `Cannot take the info as it must fit in ${infoBytes} bytes`
    throw new SignalError('bad-frame', message, { reason: 'wrong-type', limit: 'infoBytes' })
  }
  user.info = merged
  return merged
}

/**
 * The `auth` that a token stands for; without a token, the one that the user has.
 *
 * @throws SignalError `unauthorized`
 */
export function authOf(
  token: string | undefined,
  user: UserType,
  authenticate: WebRTCServiceOptions['authenticate'],
): string | undefined | Promise<string> {
  if (token === undefined) return user.auth
  if (authenticate === undefined) throw new SignalError('unauthorized', 'Cannot take a token as none is asked for')
  return authenticate(token)
}
