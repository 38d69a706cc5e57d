/** Sizes that both ends of a version 1 connection can rely on. */

/** Largest frame, in bytes, as received; a larger one closes the connection with 1009. */
export const MAX_FRAME_BYTES = 262_144

/** Deepest nesting of arrays and maps in a frame, and of arrays and objects in a JSON message. */
export const MAX_DEPTH = 32

/** Largest `info` of a user, in bytes of its msgpack encoding. */
export const MAX_INFO_BYTES = 4_096

/** Longest room name, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 128

/** Most entries in a room's `restrictions.users`, and the longest of them. */
export const MAX_ALLOWED_USERS = 1_024
export const MAX_AUTH_LENGTH = 256

/** Largest `restrictions` of a room, in bytes of its msgpack encoding: every listing that shows the room repeats it. */
export const MAX_RESTRICTIONS_BYTES = 16_384

/** Longest reason that somebody gives for closing a room or removing a peer, in UTF-16 code units. */
export const MAX_REASON_LENGTH = 256

/** Longest token in `hello`, in UTF-16 code units. */
export const MAX_TOKEN_LENGTH = 8_192

/** Longest token of a session to go on with, in UTF-16 code units. */
export const MAX_RESUME_LENGTH = 64

/** The code that a connection is closed with once the user's token is over. */
export const TOKEN_EXPIRED = 4_003

/** Bytes in front of a relay frame's body: the array header, the op, `cf` and the peer as a big-endian u64. */
export const RELAY_HEADER_BYTES = 11
