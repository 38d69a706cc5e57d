import fc from 'fast-check'
import t from 'tap'
import * as v from 'valibot'
import { InvalidError, name as nameCheck } from '../../src/guards/mod.ts'
import { nameSchema } from '../../src/protocol/mod.ts'
import { toName } from '../../src/unicode/names.ts'
import { visible } from '../../src/unicode/visible.ts'

/** Returns the name, or why it is not valid. The companion's check and the server's schema must agree. */
const check = (name: unknown, longest = 8): string => {
  const { success, output, issues } = v.safeParse(nameSchema(longest), name)
  const checked = companions(name, longest)
  const sameLength = /must have at most (\d+) characters: it has (\d+)/.exec(checked)
  if (success) t.equal(checked, output)
  else if (sameLength !== null) t.match(issues[0].message, `Expected <=${sameLength[1]} but received ${sameLength[2]}`)
  else if (typeof name === 'string') t.equal(checked, issues[0].message)
  return checked
}

function companions(name: unknown, longest: number): string {
  try {
    return nameCheck(longest)(name)
  } catch (error) {
    if (error instanceof InvalidError) return error.message
    throw error
  }
}

t.test('names of all languages are valid', async (t) => {
  for (const name of ['', 'Ada', 'Jürgen', 'Ωμέγα', '東京', 'علي', 'נועה', 'आशा', '❤️ 🇩🇪', 'a\u00a0b'])
    t.equal(check(name), name)
})

t.test('names that differ only in their normal form are equal', async (t) => {
  const [composed, decomposed] = ['Zoë Ä', 'Zoe\u0308 A\u0308']
  t.equal(check(decomposed), composed)
  t.equal(check('\u212b'), 'Å', 'the sign of the unit ångström is the letter')
})

t.test('a name with a character that nobody sees is rejected, and the error names the character', async (t) => {
  const cases: [string, string][] = [
    ['\x1b', 'U+001B, a control character'],
    ['\n', 'U+000A, a control character'],
    ['\x9b', 'U+009B, a control character'],
    ['\u2028', 'U+2028, a line separator'],
    ['\u202e', 'U+202E, which changes the direction of text'],
    ['\u2066', 'U+2066, which changes the direction of text'],
    ['\u061c', 'U+061C, which changes the direction of text'],
    ['\u200b', 'U+200B, which is invisible'],
    ['\u200d', 'U+200D, which is invisible'],
    ['👩\u200d', 'U+200D, which is invisible'],
    ['\ufeff', 'U+FEFF, which is invisible'],
    ['\u00ad', 'U+00AD, which is invisible'],
    ['\u034f', 'U+034F, which is invisible'],
    ['\u3164', 'U+3164, which is invisible'],
    ['\ufe0f', 'U+FE0F, which is invisible'],
    ['\u{e0041}', 'U+E0041, which is invisible'],
    ['\ud83d', 'U+D83D, half of a surrogate pair'],
  ]
  for (const [character, told] of cases) t.equal(check(`a${character}b`), `must not have ${told}`)
})

t.test('the length of a name is that of its normal form', async (t) => {
  t.equal(check('e\u0301'.repeat(8)), 'é'.repeat(8))
  t.match(check('e\u0301'.repeat(9)), 'must have at most 8 characters: it has 9')
  // Normalizing this many characters would take seconds, so the length is checked first.
  t.match(check('\u0300\u0316'.repeat(65_536)), 'must have at most 32 characters: it has 131072')
  t.match(check(7), 'must be a string: it is 7')
})

t.test('any text becomes a name', async (t) => {
  t.equal(toName('a\nb\u202ec', 20), 'a\\x0ab\\u202ec')
  t.equal(toName('👍👍', 3), '👍\ufffd', 'a cut character is replaced')
  t.equal(toName('👩‍🔬', 3), '👩\ufffd')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.nat(20), (text, longest) => {
      const name = toName(text, longest)
      return check(name, longest) === name && visible(name) === name
    }),
    { numRuns: 2_000 },
  )
})
