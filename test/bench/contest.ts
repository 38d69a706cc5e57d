import t from 'tap'
import { contest, ratio } from '../../bench/shared/contest.ts'
import { fittedExponent, quantile, summarize } from '../../bench/shared/statistics.ts'

t.test('contestants run in reverse order every other round, and ratios are computed within a round', async (t) => {
  const order: string[] = []
  let load = 1
  const contestant = (name: string, cost: number) => ({
    name,
    measure: async () => {
      order.push(name)
      if (order.length % 2 === 1) load *= 10
      return { cost: cost * load, unknown: undefined }
    },
  })
  const options = { rounds: 3, only: [], log: () => {} }
  const found = await contest([contestant('one', 2), contestant('other', 8)], options)
  t.same(order, ['one', 'other', 'other', 'one', 'one', 'other'])
  t.same(found.get('one')?.cost, { median: 200, low: 20, high: 2_000, values: [20, 200, 2_000] })
  t.same(ratio(found.get('one')?.cost, found.get('other')?.cost)?.values, [0.25, 0.25, 0.25])
  t.notOk('unknown' in (found.get('one') ?? {}), 'an undefined figure is left out')
  t.equal(ratio(found.get('one')?.cost, undefined), undefined)
})

t.test('an unknown contestant is rejected, and a wrong result stops the run', async (t) => {
  const wrong = {
    name: 'one',
    measure: async () => {
      throw new Error('A result is wrong')
    },
  }
  const log = (): void => {}
  await t.rejects(contest([wrong], { rounds: 1, only: ['three'], log }), /Cannot measure three: there are one/)
  await t.rejects(contest([wrong], { rounds: 1, only: [], log }), /A result is wrong/)
})

t.test('medians, quantiles and growth exponents are correct', async (t) => {
  t.match(summarize([3, 1, 2, 10]), { median: 2.5, low: 1, high: 10 })
  t.throws(() => summarize([]))
  t.equal(quantile([0, 10], 0.99), 9.9)
  const of = (growth: number) => [1, 10, 100, 1_000].map((x) => [x, 5 * x ** growth] as const)
  for (const growth of [0, 0.5, 1, 2]) t.ok(Math.abs(fittedExponent(of(growth)) - growth) < 1e-9, String(growth))
  t.throws(() => fittedExponent([[1, 1]]))
})
