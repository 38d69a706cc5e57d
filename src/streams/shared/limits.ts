/** Sizes that both ends of a data channel can rely on. */

/** Largest chunk, in bytes: what every WebRTC stack takes and none interleaves badly (RFC 8831, section 6.6). */
export const MAX_CHUNK_BYTES = 16_384

/** Largest message at all, in bytes: beyond it Chromium and Firefox refuse to send. One long string may come near it. */
export const MAX_MESSAGE_BYTES = 262_144

/** Largest description, in bytes of its msgpack. */
export const MAX_DESCRIPTION_BYTES = 16_384
