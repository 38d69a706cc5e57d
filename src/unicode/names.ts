import { UNFIT, visible } from './visible.ts'

/** How much longer a text can be than its normal form, in UTF-16 code units (UAX #15). */
export const MAX_GROWTH = 4

/**
 * Converts any text to such a name: it escapes the characters that a name must not have, and cuts the rest.
 *
 * @param longest in UTF-16 code units
 */
export const toName = (text: string, longest: number): string =>
  visible(text.slice(0, longest * MAX_GROWTH).toWellFormed())
    .normalize()
    .slice(0, longest)
    // The cut may have left a part of a character.
    .replace(UNFIT, '\ufffd')

/**
 * Returns the first character that a name must not have, such as `U+202E, which changes the direction of text`.
 *
 * @returns undefined if there is none
 */
export function unfitIn(name: string): string | undefined {
  const at = name.search(UNFIT)
  if (at < 0) return undefined
  const point = name.codePointAt(at) as number
  const character = String.fromCodePoint(point)
  const kind = kinds.find(([pattern]) => pattern.test(character))?.[1] ?? 'which is invisible'
  return `U+${point.toString(16).toUpperCase().padStart(4, '0')}, ${kind}`
}

const kinds: readonly [RegExp, string][] = [
  [/\p{Cc}/u, 'a control character'],
  [/\p{Cs}/u, 'half of a surrogate pair'],
  [/[\p{Zl}\p{Zp}]/u, 'a line separator'],
  [/\p{Bidi_Control}/u, 'which changes the direction of text'],
]
