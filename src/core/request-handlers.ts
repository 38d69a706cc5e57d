import { type AnswerBodies, type RequestBodies, type RequestName, SignalError } from '../protocol/mod.ts'
import type { Moderation, Rooms } from './rooms/mod.ts'
import type { IceAnswer, RoomInfo, UserType } from './shared/mod.ts'
import { mergeInfo } from './users/mod.ts'

/**
 * The handler of each request except `hello` and `rooms`. It takes the checked body and returns the sender's answer.
 */
export type RequestHandlers = {
  [Name in Exclude<RequestName, 'hello' | 'rooms'>]: (body: RequestBodies[Name], user: UserType) => Results[Name]
}

interface Results extends Omit<AnswerBodies, 'ice'> {
  ice: IceAnswer | Promise<IceAnswer>
}

export const requestHandlers = ({
  rooms,
  moderation,
  ice,
  infoBytes,
}: {
  rooms: Rooms
  moderation: Moderation
  ice(id: number): IceAnswer | Promise<IceAnswer>
  infoBytes: number
}): RequestHandlers => ({
  createroom: (body, user) => rooms.create(body, user).export(),
  connect: (body, user) => connect(rooms, body, user, infoBytes),
  disconnect: (body, user) => disconnect(rooms, body, user),
  info: (body, user) => mergeInfo(user, body, infoBytes),
  ice: (_, user) => ice(user.uuid),
  closeroom: (body, user) => moderation.close(body, user),
  kick: (body, user) => moderation.kick(body, user),
  restrict: (body, user) => moderation.restrict(body, user),
})

function connect(rooms: Rooms, body: RequestBodies['connect'], user: UserType, infoBytes: number): RoomInfo {
  // Merge the info before joining, because the room's peers receive it with `connect`. If joining fails, restore it.
  const before = user.info
  if (body.info !== undefined) mergeInfo(user, body.info, infoBytes)
  try {
    return rooms.join(body, user).export()
  } catch (cause) {
    user.info = before
    throw cause
  }
}

function disconnect(rooms: Rooms, body: RequestBodies['disconnect'], user: UserType): AnswerBodies['disconnect'] {
  if (body?.uuid === undefined) rooms.leaveAll(user)
  else {
    const room = rooms.membership.rooms.get(body.uuid)
    if (!room?.peers.has(user.uuid)) throw new SignalError('not-in-room', 'Cannot leave the room: not a member')
    rooms.leave(user, room)
  }
  return { cmd: 'roomclosed' }
}
