/** Limits that both ends of a version 1 connection can rely on. */

/** Largest received frame, in bytes. A larger one closes the connection with 1009. */
export const MAX_FRAME_BYTES = 262_144

/** Deepest nesting of arrays and maps in a frame, and of arrays and objects in a JSON message. */
export const MAX_DEPTH = 32

/** Largest `info` of a user, in bytes of its msgpack encoding. */
export const MAX_INFO_BYTES = 4_096

/** Longest room name, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 128

/** Most entries in a room's `restrictions.users`. */
export const MAX_ALLOWED_USERS = 1_024
/** Longest `auth` in a room's `restrictions.users`, in UTF-16 code units. */
export const MAX_AUTH_LENGTH = 256

/**
 * Largest `restrictions` of a room, in bytes of its msgpack encoding. Every listing that shows the room repeats them.
 */
export const MAX_RESTRICTIONS_BYTES = 16_384

/** Longest reason for closing a room or removing a peer, in UTF-16 code units. */
export const MAX_REASON_LENGTH = 256

/** Longest token in `hello`, in UTF-16 code units. */
export const MAX_TOKEN_LENGTH = 8_192

/** Longest token for resuming a session, in UTF-16 code units. */
export const MAX_RESUME_LENGTH = 64

/** The close code after a user's token has expired. */
export const TOKEN_EXPIRED = 4_003

/** Bytes before a relay frame's body: the array header, the op, `cf` and the peer as a big-endian u64. */
export const RELAY_HEADER_BYTES = 11
