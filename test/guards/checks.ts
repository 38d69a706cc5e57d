import fc from 'fast-check'
import t from 'tap'
import * as v from 'valibot'
import {
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
} from '../../src/guards/mod.ts'

/** Returns the problem with a value, or undefined if there is none. */
function problemOf(check: Check<unknown>, value: unknown): string | undefined {
  try {
    checked(check, value, (problem) => new SyntaxError(problem))
    return undefined
  } catch (error) {
    if (error instanceof SyntaxError) return error.message
    throw error
  }
}

t.test('each check says what a value must be, and what it is', async (t) => {
  const cases: [Check<unknown>, unknown, string][] = [
    [boolean, 1, 'must be true or false: it is 1'],
    [number, Number.NaN, 'must be a number: it is NaN'],
    [number, 5n, 'must be a number: it is 5'],
    [string, undefined, 'must be a string: it is undefined'],
    [string, ['x'], 'must be a string: it is an array'],
    [string, {}, 'must be a string: it is an object'],
    [count, -1, 'must be an integer from 0: it is -1'],
    [count, 2 ** 53, 'must be an integer from 0: it is 9007199254740992'],
    [text(3), 'four', 'must have at most 3 characters: it has 4'],
    [oneOf('s', 'ms'), 'min', 'must be s or ms: it is "min"'],
    [oneOf(null), 1, 'must be null: it is 1'],
    [array(count, { least: 1 }), [], 'must have 1 or more elements: it has 0'],
    [array(count, { most: 1 }), [0, 0], 'must have 1 or fewer elements: it has 2'],
    [array(count), 'x', 'must be an array: it is "x"'],
    [tuple(count), null, 'must be an array: it is null'],
    [object({}), [], 'must be an object: it is an array'],
    [record, null, 'must be an object: it is null'],
    [custom((value) => value === 7, 'be seven'), 8, 'must be seven: it is 8'],
    [optional(count), null, 'must be an integer from 0: it is null'],
  ]
  for (const [check, value, problem] of cases) t.equal(problemOf(check, value), `it is not valid: ${problem}`)
})

t.test('a problem names its place in the value', async (t) => {
  const check = object({ tracks: array(tuple(count, object({ label: text(3) }))) })
  t.match(
    problemOf(check, {
      tracks: [
        [0, { label: 'ok' }],
        [1, { label: 'long' }],
      ],
    }),
    /^tracks\.1\.1\.label is not valid/,
  )
  t.match(problemOf(check, { tracks: [[0]] }), /^tracks\.0\.1 is not valid: must be an object: it is undefined/)
  t.match(problemOf(check, {}), /^tracks is not valid/)
  t.match(problemOf(array(count), new Array(2)), /^0 is not valid: .* it is undefined/, 'a hole')
})

t.test('the result has only what is known, and absent fields stay absent', async (t) => {
  const check = object({ a: count, b: optional(string), c: optional(boolean, true), d: optional(oneOf(null)) })
  t.strictSame(check({ a: 1, b: undefined, more: 2 }), { a: 1, c: true })
  t.strictSame(check({ a: 1, b: '', c: false, d: null }), { a: 1, b: '', c: false, d: null })
  t.strictSame(tuple(count, optional(count))([1, undefined, 3]), [1, undefined])
  t.strictSame(record(JSON.parse('{"a": 1, "__proto__": {"admin": true}}')), { a: 1 })
  t.notOk('admin' in record(JSON.parse('{"__proto__": {"admin": true}}')))
})

t.test('an error of another kind passes through', async (t) => {
  const check = () => {
    throw new TypeError('a fault of ours')
  }
  t.throws(() => checked(object({ a: check }), { a: 1 }, () => new Error('no')), { name: 'TypeError' })
})

t.test('the checks accept and return what the same schema of valibot does', async () => {
  const check = object({
    flag: optional(boolean, false),
    count,
    words: optional(array(text(4), { least: 1, most: 3 })),
    pair: tuple(oneOf('a', 'b'), optional(number)),
    any: optional(record),
  })
  const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
  const schema = v.object({
    flag: v.optional(v.boolean(), false),
    count: whole,
    words: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(4))), v.minLength(1), v.maxLength(3))),
    pair: v.tuple([v.picklist(['a', 'b']), v.optional(v.number())]),
    any: v.optional(v.record(v.string(), v.unknown())),
  })
  const some = (...right: fc.Arbitrary<unknown>[]) =>
    fc.oneof({ weight: 8, arbitrary: fc.oneof(...right) }, { weight: 1, arbitrary: fc.anything() })
  const input = fc.record(
    {
      flag: some(fc.boolean(), fc.constant(undefined)),
      count: some(fc.nat(), fc.maxSafeInteger()),
      words: some(fc.array(fc.string({ maxLength: 5 }), { maxLength: 4 })),
      pair: some(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.double())),
      any: some(fc.dictionary(fc.string(), fc.nat())),
      more: fc.anything(),
    },
    { requiredKeys: ['count', 'pair'] },
  )
  let [valid, invalid] = [0, 0]
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: input }, { weight: 1, arbitrary: fc.anything() }), (value) => {
      // The checks accept no array as an object. valibot also drops the keys `constructor` and `prototype` of a record.
      const { any } = (value ?? {}) as { any?: unknown }
      if (Array.isArray(any) || ['constructor', 'prototype'].some((key) => Object.hasOwn(Object(any), key))) return
      const { success, output } = v.safeParse(schema, value)
      const problem = problemOf(check, value)
      if (success !== (problem === undefined)) throw new Error(`${fc.stringify(value)}: ${problem}`)
      if (success) {
        valid++
        t.strictSame(withoutUndefined(check(value)), withoutUndefined(output))
      } else invalid++
    }),
    { numRuns: 3_000 },
  )
  t.ok(valid > 300 && invalid > 300, `${valid} valid, ${invalid} invalid`)
})

/** A field that is undefined is absent in our results. */
const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined))
