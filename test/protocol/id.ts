import t from 'tap'
import { isId, randomId } from '../../src/protocol/mod.ts'

t.test('an id is an integer in 1..2^53-1', async (t) => {
  for (const id of [1, 2, 2 ** 32, Number.MAX_SAFE_INTEGER]) t.equal(isId(id), true, String(id))
  for (const no of [
    0,
    -0,
    -1,
    1.5,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '1',
    1n,
    null,
    undefined,
    {},
    [1],
    true,
  ]) {
    t.equal(isId(no), false, String(no))
  }
})

t.test('random ids are valid, unique, and use all 53 bits', async (t) => {
  const ids = Array.from({ length: 10_000 }, randomId)
  t.ok(ids.every(isId))
  t.equal(new Set(ids).size, ids.length)
  for (let bit = 0; bit < 53; bit++) {
    const ones = ids.filter((id) => Math.floor(id / 2 ** bit) % 2 === 1).length
    // 5,000 are expected, with a standard deviation of 50. Chance does not explain a difference of 1,000.
    t.ok(Math.abs(ones - 5_000) < 1_000, `bit ${bit}`)
  }
})

t.test('the extreme words of the generator become valid ids, never 0', async (t) => {
  const words = [
    [0, 0],
    [0, 0x7ff],
    [1, 0],
    [0xffffffff, 0xffffffff],
    [0, 0x800],
  ]
  t.intercept(crypto, 'getRandomValues', {
    value: (array: Uint32Array) => {
      array.set(words.shift() as number[])
      return array
    },
  })
  t.equal(randomId(), 1, 'draws of 0 are repeated')
  t.equal(randomId(), Number.MAX_SAFE_INTEGER)
  t.equal(randomId(), 2 ** 32)
  t.equal(words.length, 0)
})
