/** RFC 8841, section 6.1: what may be sent where the other side does not say. */
const DEFAULT_MAX_MESSAGE = 65_536

/** The first attribute of that name (RFC 8866, section 5.13). */
export const attributeOf = (description: RTCSessionDescription | null | undefined, name: string): string | undefined =>
  new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(description?.sdp ?? '')?.[1]

/** The largest message that whoever made the description takes, in bytes; Infinity where it takes any (RFC 8841). */
export function maxMessageSize(description: RTCSessionDescription | null | undefined): number {
  const text = attributeOf(description, 'max-message-size')
  if (text === undefined || !/^\d+$/.test(text)) return DEFAULT_MAX_MESSAGE
  return Number(text) || Number.POSITIVE_INFINITY
}
