import { checkRequest, encodeValue, isId, MAX_INFO_BYTES, randomId, SignalError } from '../../protocol/mod.ts'
import type { Identity, Info, Transport, UserType } from '../shared/mod.ts'
import type { Known } from './admission.ts'

/**
 * A user for a connection, which is given an id if it has none.
 *
 * @throws SignalError `bad-frame` for an id out of range, `forbidden` for one that is in use
 */
export function newUser(ws: Transport, known: Known, users: ReadonlyMap<number, UserType>): UserType {
  const uuid = ws.id ?? randomId()
  if (!isId(uuid)) {
    throw SignalError.badFrame('wrong-type', `Cannot add a user as ws.id must be in 1..2^53-1: it is ${uuid}`)
  }
  if (users.has(uuid)) {
    throw new SignalError('forbidden', `Cannot add a user as the id ${uuid} is in use`, { reason: 'already-added' })
  }
  ws.id = uuid
  const name = known.identity?.name
  return { uuid, ...known, ws, info: name === undefined ? {} : { name } }
}

/**
 * Adds to what a user says about itself; all of it together is bounded.
 *
 * @param identity whose name, if any, goes before what the user says
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
    const message = `Cannot take the info as it must fit in ${infoBytes} bytes`
    throw new SignalError('bad-frame', message, { reason: 'wrong-type', limit: 'infoBytes' })
  }
  user.info = merged
  return merged
}
