import * as v from 'valibot'
import { UNFIT, visible } from './visible.ts'

/** How much longer a text can be than its normal form, in UTF-16 code units (UAX #15). */
const MAX_GROWTH = 4

/**
 * Creates a schema for names of rooms, users and streams. It normalizes a name (NFC), so that names that differ only in
 * their normal form are equal. A name with a character that a reader cannot see is not valid.
 *
 * @param longest in UTF-16 code units, in normal form
 */
export const nameSchema = (longest: number): v.GenericSchema<string> =>
  v.pipe(
    v.string(),
    // Check the length first: the time that normalizing takes grows with its square.
    v.maxLength(longest * MAX_GROWTH),
    v.transform((name) => name.normalize()),
    v.maxLength(longest),
    v.check(
      (name) => name.search(UNFIT) < 0,
      ({ input }) => `must not have ${describe(input)}`,
    ),
  )

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

/** Returns the first character that a name must not have, such as `U+202E, which changes the direction of text`. */
function describe(name: string): string {
  const point = name.codePointAt(name.search(UNFIT)) as number
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
