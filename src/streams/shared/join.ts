/** Concatenates arrays of numbers or bytes into a new array of the given kind. */
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
