const decoder = new TextDecoder('utf-8', { fatal: true })

/** Returns whether the bytes from `start` to `end` are UTF-8 (RFC 3629: no overlong forms, no surrogates). */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let offset = start
  // Almost every key and name is ASCII. For ASCII, this loop is cheaper than a call to the decoder.
  while (offset < end && (bytes[offset] as number) < 0x80) offset++
  if (offset === end) return true
  try {
    decoder.decode(bytes.subarray(offset, end))
    return true
  } catch {
    // The decoder reports invalid bytes by throwing. The exact error does not matter here.
    return false
  }
}
