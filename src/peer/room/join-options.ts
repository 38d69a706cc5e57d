import type { Info } from '../../protocol/both-ends.ts'

/** How to join a room. */
export interface JoinOptions {
  /** Whether to create the room if it does not exist. @default false */
  create?: boolean
  /**
   * The most users in the room. With `max` or `users`, `join` creates the room or enters this user's own room with
   * exactly these restrictions. It enters no other room of that name: the server answers `forbidden`, reason
   * `restrictions-differ`. Guests of the room therefore join without `max` and `users`.
   *
   * @default the server's limit
   */
  max?: number
  /** The users that may enter the room besides its owner, by `auth`. See `max`. @default all */
  users?: string[]
  /**
   * How many seconds of the past to request from reliable streams. Publishers keep 60 s by default.
   *
   * @default 0
   */
  history?: number
  /** This user's info for the peers in the room. The server merges it into the earlier info. */
  info?: Info
  /**
   * Aborts joining. `join` then rejects with the signal's reason, and the session leaves the room if the server has
   * added the user meanwhile. It does not leave a room that is joined: `room.leave()` does.
   */
  signal?: AbortSignal
}
