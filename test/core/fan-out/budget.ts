import t from 'tap'
import { Budget, type Terms } from '../../../src/core/fan-out/budget.ts'

const terms: Terms = { burst: 1_000, rate: 500, free: 10, saved: 4_000 }

t.test('a budget has its burst at once, then what the client has earned, as fast as the rate', async (t) => {
  const budget = new Budget(terms, 0)
  t.equal(budget.wait(1_000, 0), 0)
  budget.charge(1_000, 0)
  budget.earn(40)
  t.equal(budget.wait(500, 0), 1_000, '40 bytes earn 2,000, of which 500 come in a second')
  t.equal(budget.wait(500, 999), 1)
  t.equal(budget.wait(500, 1_000), 0)
  budget.charge(500, 1_000)
  t.equal(budget.wait(500, 2_000), 0)
  budget.charge(500, 2_000)
  t.ok(budget.affords(1_000, 0, 100_000))
  t.notOk(budget.affords(1_001, 0, 100_000), 'a budget holds no more than its burst')
  budget.charge(1_000, 100_000)
  t.equal(budget.wait(1, 100_000), 2, 'it keeps the rest that was earned')
})

t.test('a client that sends nothing has the free bytes', async (t) => {
  const budget = new Budget(terms, 0)
  budget.charge(1_000, 0)
  t.equal(budget.wait(100, 0), 10_000)
  t.equal(budget.wait(100, 0, 50), 15_000, 'with what it costs to refuse')
  t.equal(budget.wait(100, 9_999), 1)
  t.equal(budget.wait(100, 10_000), 0)
  budget.charge(100, 10_000)
  budget.earn(1)
  t.equal(budget.wait(60, 10_000), 1_000, 'earned bytes come first')
  t.equal(budget.wait(60, 11_000), 0)
})

t.test('a cost above half of the burst passes if that much is left, and may leave a debt', async (t) => {
  const budget = new Budget(terms, 0)
  budget.charge(500, 0)
  t.equal(budget.wait(4_500, 0), 0)
  budget.charge(1, 0)
  t.equal(budget.wait(4_500, 0), 100)
  budget.charge(4_499, 0)
  t.equal(budget.wait(1, 0), 400_100, 'time alone repays the debt slowly')
  for (let i = 0; i < 100; i++) budget.earn(1_000)
  t.equal(budget.wait(0, 0), 8_000, 'received bytes earn at most `saved` in advance')
  t.equal(budget.wait(-4_000, 0), 0)
  t.equal(budget.wait(-3_500, 0), 1_000)
})

t.test('debt() is what is missing from the burst, less what was earned', async (t) => {
  const budget = new Budget(terms, 0)
  t.equal(budget.debt(0), 0)
  budget.charge(1_600, 0)
  t.equal(budget.debt(0), 1_600)
  budget.earn(4)
  t.equal(budget.debt(0), 1_400)
  t.equal(budget.debt(1_000), 1_390, 'with what is free in a second')
  budget.earn(80)
  t.equal(budget.debt(1_000), 0)
})

t.test('affords() leaves a share of the burst', async (t) => {
  const budget = new Budget(terms, 0)
  t.ok(budget.affords(500, 1 / 2, 0))
  t.notOk(budget.affords(501, 1 / 2, 0))
  t.ok(budget.affords(1_000, 0, 0))
})

t.test('in the long run, the cost is at most 50 bytes for each byte, and the free bytes', async (t) => {
  const budget = new Budget(terms, 0)
  let [sent, caused] = [0, 0]
  const seconds = 1_000
  for (let now = 0; now < seconds * 1_000; now += 250) {
    sent += 2
    budget.earn(2)
    if (budget.wait(700, now) > 0) continue
    budget.charge(700, now)
    caused += 700
  }
  const most = 50 * sent + 10 * seconds + 1_000
  t.ok(caused <= most && caused > 0.9 * most, `${caused} of ${most}`)
})

t.test('a clock that is set back adds nothing and takes nothing', async (t) => {
  const budget = new Budget(terms, 10_000)
  budget.charge(1_000, 10_000)
  t.equal(budget.wait(10, 0), 1_000)
  t.equal(budget.wait(10, 1_000), 0)
})
