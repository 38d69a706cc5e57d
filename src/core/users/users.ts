import { checkRequest, encodeValue, isId, MAX_INFO_BYTES, randomId, SignalError } from '../../protocol/mod.ts'
import type { Identity, Info, Transport, UserType } from '../shared/mod.ts'
import type { Known } from './admission.ts'

/**
 * Creates a user for a connection, and sets the connection's id if it has none.
 *
 * @throws SignalError `bad-frame` if the id is out of range or the identity's name is not valid, `forbidden` if the id
 *   is in use
 */
export function newUser(ws: Transport, known: Known, users: ReadonlyMap<number, UserType>): UserType {
  const uuid = ws.id ?? randomId()
  if (!isId(uuid)) {
    throw SignalError.badFrame('wrong-type', `Cannot add a user: ws.id must be in 1..2^53-1: it is ${uuid}`)
  }
  if (users.has(uuid)) {
    throw new SignalError('forbidden', `Cannot add a user: the id ${uuid} is in use`, { reason: 'already-added' })
  }
  const name = known.identity?.name
  const info = checkRequest('info', name === undefined ? {} : { name })
  ws.id = uuid
  return { uuid, ...known, ws, info }
}

/**
 * Merges fields into a user's info. The size limit applies to the complete info.
 *
 * @param identity its name, if any, overrides the name in the info
 * @throws SignalError `bad-frame` if the complete info exceeds its limit
 */
export function mergeInfo(
  user: UserType,
  info: Info | undefined,
  infoBytes: number,
  identity: Identity | undefined = user.identity,
): Info {
  const named = identity?.name === undefined ? {} : { name: identity.name }
  const merged = checkRequest('info', { ...user.info, ...info, ...named })
  if (infoBytes < MAX_INFO_BYTES && encodeValue(merged).length > infoBytes) {
    const message = `Cannot accept the info: the limit is ${infoBytes} bytes`
    throw new SignalError('bad-frame', message, { reason: 'wrong-type', limit: 'infoBytes' })
  }
  user.info = merged
  return merged
}
