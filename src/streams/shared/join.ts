/** All of them, one behind the other, in an array of their own. */
export function join<Joined extends { set(part: ArrayLike<number>, at: number): void }>(
  Kind: new (length: number) => Joined,
  parts: readonly ArrayLike<number>[],
): Joined {
  const whole = new Kind(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
