import { isId, type PeerArrival, SignalError } from '../../protocol/mod.ts'
import { type Identity, namesRoom, type Restrictions, type RoomView, type UserType } from '../shared/mod.ts'

/** The source of a request: a user, or a client without a connection. */
export type Asker = Partial<Pick<UserType, 'uuid' | 'auth' | 'identity'>>

/** Returns whether a room may be entered. If not, only an admin learns that the room exists. */
export const mayEnter = (asker: Asker, room: RoomView): boolean =>
  (asker.identity === undefined || namesRoom(asker.identity, room.name)) &&
  (room.allows(asker.auth, asker.uuid) || isMaker(asker, room))

/** Returns whether listings and announcements show a room. */
export const maySee = (asker: Asker, room: RoomView): boolean => asker.identity?.admin === true || mayEnter(asker, room)

/** Returns whether the asker may close and restrict a room and remove its peers. */
export const mayGovern = (asker: Asker, room: RoomView): boolean =>
  asker.identity?.admin === true || isMaker(asker, room)

/**
 * Checks that the asker may create a room of that name.
 *
 * @throws SignalError `forbidden`; the error does not reveal whether a hidden room has that name
 */
export function checkMayCreate({ identity }: Asker, name: string | undefined): void {
  if (identity === undefined) return
  // A room without a name gets its uuid as its name. No token can list that uuid in advance, so test an empty name.
  if (identity.create !== false && namesRoom(identity, name ?? '')) return
  throw notPermitted('create that room')
}

export const notPermitted = (what: string): SignalError =>
  new SignalError('forbidden', `Cannot ${what}: your token does not permit it`, { reason: 'not-permitted' })

/**
 * Returns the fields of `connect` that say who a user is, if a token or the host has verified that. They are apart from
 * the user's `info`, in which it can write anything.
 */
export function verified(identity: Identity | undefined): Pick<PeerArrival, 'verified' | 'auth' | 'name'> {
  return identity?.auth ? { verified: true, auth: identity.auth, name: identity.name } : {}
}

/** Returns a false field for each permission that the user lacks. Peers receive these fields with `connect`. */
export function denials(identity: Identity | undefined): { publish?: false; subscribe?: false } {
  return {
    ...(identity?.publish === false && { publish: false }),
    ...(identity?.subscribe === false && { subscribe: false }),
  }
}

/** Returns whether two restrictions are equal. The order of `users` and repeated users do not matter. */
export function sameRestrictions(one: Readonly<Restrictions>, other: Readonly<Restrictions>): boolean {
  if (one.max !== other.max || (one.users === undefined) !== (other.users === undefined)) return false
  return new Set(one.users).symmetricDifference(new Set(other.users)).size === 0
}

/**
 * The room owner is recognized by the id that created the room, or over another connection by its verified identity. An
 * unverified `auth` has no effect here.
 */
export function isMaker({ uuid, identity }: Asker, { initiator, maker }: RoomView): boolean {
  return (
    (isId(uuid) && uuid === initiator) || (identity !== undefined && identity.auth !== '' && identity.auth === maker)
  )
}
