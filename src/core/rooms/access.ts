import { isId, SignalError } from '../../protocol/mod.ts'
import { type Identity, namesRoom, type RoomView, type UserType } from '../shared/mod.ts'

/** Somebody who asks: a user, or somebody without a connection. */
export type Asker = Partial<Pick<UserType, 'uuid' | 'auth' | 'identity'>>

/** Whether a room may be entered. One that may not be is, but for an admin, one that is not there. */
export const mayEnter = (asker: Asker, room: RoomView): boolean =>
  (asker.identity === undefined || namesRoom(asker.identity, room.name)) &&
  (room.allows(asker.auth, asker.uuid) || isMaker(asker, room))

/** Whether a room may be seen, in listings and announcements. */
export const maySee = (asker: Asker, room: RoomView): boolean => asker.identity?.admin === true || mayEnter(asker, room)

/** Whether a room may be closed and restricted, and peers be removed from it. */
export const mayGovern = (asker: Asker, room: RoomView): boolean =>
  asker.identity?.admin === true || isMaker(asker, room)

/** @throws SignalError `forbidden`, the same whether or not there is such a room that may not be seen */
export function checkMayCreate({ identity }: Asker, name: string | undefined): void {
  if (identity === undefined) return
  // A room without a name is named by its uuid, which nobody can have been allowed by name.
  if (identity.create !== false && namesRoom(identity, name ?? '')) return
  throw notPermitted('create that room')
}

export const notPermitted = (what: string): SignalError =>
  new SignalError('forbidden', `Cannot ${what} as your token does not permit it`, { reason: 'not-permitted' })

/** A field for those who meet this user, for each thing that it may not do. */
export function denials(identity: Identity | undefined): { publish?: false; subscribe?: false } {
  return {
    ...(identity?.publish === false && { publish: false }),
    ...(identity?.subscribe === false && { subscribe: false }),
  }
}

/**
 * Who made a room governs it: over the same connection, and over any other where it is known who that is. An `auth` that
 * nobody has verified counts for nothing here.
 */
function isMaker({ uuid, identity }: Asker, { initiator, maker }: RoomView): boolean {
  return (
    (isId(uuid) && uuid === initiator) || (identity !== undefined && identity.auth !== '' && identity.auth === maker)
  )
}
