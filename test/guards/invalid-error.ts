import t from 'tap'
import { checked, number, reasonOf } from '../../src/guards/mod.ts'

t.test('a reason quotes what was received with escapes, and not all of it', async (t) => {
  const reason = (value: unknown) => {
    try {
      return String(checked(number, value, (problem) => new Error(problem)))
    } catch (error) {
      return (error as Error).message
    }
  }
  t.equal(reason('\x1b[2J\n'), 'it is not valid: must be a number: it is "\\x1b[2J\\x0a"')
  t.equal(reason('\u202e'), 'it is not valid: must be a number: it is "\\u202e"')
  const long = reason('x'.repeat(100_000))
  t.equal(long.length, 'it is not valid: '.length + 201)
  t.match(long, /x…$/)
})

t.test('a reason of any origin is cut and escaped', async (t) => {
  t.equal(reasonOf({ message: '\x1b'.repeat(300) }), `${'\\x1b'.repeat(200)}…`)
  t.equal(reasonOf({ message: 'too long' }), 'too long')
})
