import { MAX_GROWTH, unfitIn } from '../unicode/names.ts'
import { type Check, text } from './checks.ts'
import { InvalidError } from './invalid-error.ts'

/**
 * Checks the name of a publication, a stream or a channel. It normalizes a name (NFC), so that names that differ only
 * in their normal form are equal. A name with a character that a reader cannot see is not valid.
 *
 * @param longest in UTF-16 code units, in normal form
 */
export const name = (longest: number): Check<string> => {
  // Check the length first: the time that normalizing takes grows with its square.
  const isNear = text(longest * MAX_GROWTH)
  const fits = text(longest)
  return (value) => {
    const name = fits(isNear(value).normalize())
    const unfit = unfitIn(name)
    if (unfit !== undefined) throw new InvalidError(`must not have ${unfit}`)
    return name
  }
}
