/** Maximum message size in bytes if the description has none (RFC 8841, section 6.1). */
const DEFAULT_MAX_MESSAGE = 65_536

/** @returns the value of the first attribute with this name (RFC 8866, section 5.13) */
export const attributeOf = (description: RTCSessionDescription | null | undefined, name: string): string | undefined =>
  new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(description?.sdp ?? '')?.[1]

/** @returns the largest message that the description's author accepts, in bytes; Infinity for any size (RFC 8841) */
export function maxMessageSize(description: RTCSessionDescription | null | undefined): number {
  const text = attributeOf(description, 'max-message-size')
  if (text === undefined || !/^\d+$/.test(text)) return DEFAULT_MAX_MESSAGE
  return Number(text) || Number.POSITIVE_INFINITY
}
