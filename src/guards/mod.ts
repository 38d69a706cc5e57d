/**
 * Checks of values that come from strangers or from an app, for the companion: a tenth of valibot's size, with as much
 * as the companion needs. The server checks requests with valibot.
 *
 * @module
 */
export {
  array,
  boolean,
  type Check,
  checked,
  count,
  custom,
  number,
  object,
  oneOf,
  optional,
  record,
  string,
  text,
  tuple,
} from './checks.ts'
export { InvalidError, reasonOf } from './invalid-error.ts'
export { name } from './name.ts'
