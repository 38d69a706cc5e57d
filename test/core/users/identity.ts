import fc from 'fast-check'
import t from 'tap'
import { matches, NOBODY, namesRoom } from '../../../src/core/shared/identity.ts'

t.test('a pattern matches the whole name of a room, with * for any text', async (t) => {
  for (const [pattern, text, expected] of [
    ['lab', 'lab', true],
    ['lab', 'labs', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['lab-*', 'lab-7', true],
    ['lab-*', 'lab-', true],
    ['lab-*', 'a lab-7', false],
    ['*-7', 'lab-7', true],
    ['*-7', 'lab-77', false],
    ['*-7', 'lab-78', false],
    ['a*a', 'a', false],
    ['a*b*c', 'a1b2c', true],
    ['a*b*c', 'acb', false],
    ['a*bc*c', 'abc', false],
    ['**', 'x', true],
    ['l.b', 'lab', false],
    ['[a-z]', 'a', false],
    ['', '', true],
    ['', 'x', false],
  ] as const) {
    t.equal(matches(pattern, text), expected, `${pattern} ${text}`)
  }
})

t.test('matches agrees with a regular expression', async () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 })
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => {
      return matches(pattern, text) === new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text)
    }),
    { numRuns: 5_000 },
  )
})

t.test('no pattern takes long to match', async (t) => {
  t.notOk(matches('*a'.repeat(60), `${'a'.repeat(59)}b`.repeat(2)))
  t.ok(matches(`${'*a'.repeat(60)}*`, 'a'.repeat(128)))
})

t.test('an identity without rooms may use all, and NOBODY may use none', async (t) => {
  t.ok(namesRoom({ auth: 'ada' }, 'lab'))
  t.notOk(namesRoom({ auth: 'ada', rooms: [] }, 'lab'))
  t.notOk(namesRoom(NOBODY, ''))
})
