import { InvalidError, reasonOf, refuse } from './invalid-error.ts'

/**
 * Checks a value, and returns it or a copy with only the known fields.
 *
 * @throws InvalidError
 */
export type Check<Output> = (value: unknown) => Output

/** Checks a value. If it is not valid, throws the error that `errorOf` makes of the field and the reason. */
export function checked<Output>(check: Check<Output>, value: unknown, errorOf: (problem: string) => Error): Output {
  try {
    return check(value)
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error
    throw errorOf(`${error.path.join('.') || 'it'} is not valid: ${reasonOf(error)}`)
  }
}

/** @param must what an invalid value lacks, such as `be an id` */
export const custom =
  <Output>(isValid: (value: unknown) => boolean, must: string): Check<Output> =>
  (value) =>
    isValid(value) ? (value as Output) : refuse(must, value)

export const boolean: Check<boolean> = custom((value) => typeof value === 'boolean', 'be true or false')
export const number: Check<number> = custom((value) => typeof value === 'number' && !Number.isNaN(value), 'be a number')
export const string: Check<string> = custom((value) => typeof value === 'string', 'be a string')
/** An integer from 0. */
export const count: Check<number> = custom(
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  'be an integer from 0',
)

/** @param most the greatest length, in UTF-16 code units */
export const text =
  (most: number): Check<string> =>
  (value) => {
    const { length } = string(value)
    if (length > most) throw new InvalidError(`must have at most ${most} characters: it has ${length}`)
    return value as string
  }

export const oneOf = <const Option>(...options: readonly Option[]): Check<Option> =>
  custom((value) => options.includes(value as Option), `be ${options.map(String).join(' or ')}`)

/** Absent, or valid. */
export function optional<Output>(check: Check<Output>): Check<Output | undefined>
export function optional<Output>(check: Check<Output>, absent: Output): Check<Output>
export function optional<Output>(check: Check<Output>, absent?: Output): Check<Output | undefined> {
  return (value) => (value === undefined ? absent : check(value))
}

/** Checks the length first: the time for the items grows with it. */
export const array =
  <Output>(
    check: Check<Output>,
    { least = 0, most = Number.POSITIVE_INFINITY }: { least?: number; most?: number } = {},
  ): Check<Output[]> =>
  (value) => {
    if (!Array.isArray(value)) return refuse('be an array', value)
    const { length } = value
    if (length < least) throw new InvalidError(`must have ${least} or more elements: it has ${length}`)
    if (length > most) throw new InvalidError(`must have ${most} or fewer elements: it has ${length}`)
    // Unlike `map`, this also checks the holes of a sparse array.
    return Array.from(value, (item, i) => at(i, check, item))
  }

/** An array with these elements. Further ones are dropped. */
export const tuple =
  <const Checks extends readonly Check<unknown>[]>(
    ...checks: Checks
  ): Check<{ -readonly [Index in keyof Checks]: ReturnType<Checks[Index]> }> =>
  (value) => {
    if (!Array.isArray(value)) return refuse('be an array', value)
    return checks.map((check, i) => at(i, check, value[i])) as never
  }

type Fields = Record<string, Check<unknown>>
type Checked<Known extends Fields> = { [Field in keyof Known]: ReturnType<Known[Field]> }

/** An object with these fields. Others are dropped. */
export const object = <Known extends Fields>(fields: Known): Check<Checked<Known>> & { fields: Known } => {
  const check = (value: unknown): Checked<Known> => {
    const given = keyed(value)
    const result: Record<string, unknown> = {}
    for (const [field, check] of Object.entries(fields)) {
      const found = at(field, check, given[field])
      if (found !== undefined) result[field] = found
    }
    return result as Checked<Known>
  }
  return Object.assign(check, { fields })
}

/** An object with any fields, except `__proto__`, which is dropped. */
export const record: Check<Record<string, unknown>> = (value) =>
  Object.fromEntries(Object.entries(keyed(value)).filter(([key]) => key !== '__proto__'))

const keyed: Check<Record<string, unknown>> = custom(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'be an object',
)

function at<Output>(key: string | number, check: Check<Output>, value: unknown): Output {
  try {
    return check(value)
  } catch (error) {
    if (error instanceof InvalidError) error.path = [key, ...error.path]
    throw error
  }
}
