import t from 'tap'
import * as v from 'valibot'
import { reasonOf } from '../../src/unicode/issues.ts'

t.test('a reason quotes what was received with escapes, and not all of it', async (t) => {
  const reason = (value: unknown) => {
    const { issues } = v.safeParse(v.number(), value)
    return issues === undefined ? '' : reasonOf(issues[0])
  }
  t.equal(reason('\x1b[2J\n'), 'Invalid type: Expected number but received "\\x1b[2J\\x0a"')
  const long = reason('x'.repeat(100_000))
  t.equal(long.length, 201)
  t.match(long, /x…$/)
})
