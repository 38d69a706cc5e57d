/**
 * Returns whether a value is an id of a user, room or link: an integer in 1..2^53−1, which a JavaScript number holds
 * exactly.
 */
export const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

/**
 * Returns a random id of 53 bits from the runtime's cryptographic generator (W3C Web Cryptography, `getRandomValues`).
 *
 * @returns an integer in 1..2^53−1
 */
export function randomId(): number {
  const words = new Uint32Array(2)
  do crypto.getRandomValues(words)
  while (words[0] === 0 && (words[1] as number) >>> 11 === 0)
  return ((words[1] as number) >>> 11) * 2 ** 32 + (words[0] as number)
}
