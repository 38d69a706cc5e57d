/** Sizes that both ends of a data channel can rely on. */

/**
 * Largest chunk, in bytes. Every WebRTC stack accepts this size. Larger messages can block other channels (RFC 8831,
 * section 6.6).
 */
export const MAX_CHUNK_BYTES = 16_384

/**
 * Largest message of any kind, in bytes. Chromium and Firefox reject larger messages. A sample with a long string can
 * come near this limit.
 */
export const MAX_MESSAGE_BYTES = 262_144

/** Largest description, in bytes of msgpack. */
export const MAX_DESCRIPTION_BYTES = 16_384

/** Longest text of a description, and longest name of a publication, in UTF-16 code units. */
export const MAX_TEXT_LENGTH = 512
