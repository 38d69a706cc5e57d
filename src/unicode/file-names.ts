const utf8 = new TextEncoder()

/** Longest file name of the usual file systems, in bytes. */
const MAX_BYTES = 255

/**
 * Returns the name of a file. It cuts `stem` between two characters so that the name fits.
 *
 * @param end what follows the stem, such as `.csv`
 */
export function fileName(stem: string, end: string): string {
  const room = new Uint8Array(Math.max(0, MAX_BYTES - utf8.encode(end).length))
  return stem.slice(0, utf8.encodeInto(stem, room).read) + end
}
