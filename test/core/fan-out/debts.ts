import t from 'tap'
import { Debts } from '../../../src/core/fan-out/debts.ts'

const terms = { burst: 400, rate: 10 }

t.test('some debts are forgiven at once, and more with time', async (t) => {
  const debts = new Debts(terms, 0)
  debts.add(400, 0)
  t.equal(debts.take(1_000, 0), 0)
  debts.add(300, 0)
  t.equal(debts.take(1_000, 10_000), 200, 'ten a second')
  t.equal(debts.take(1_000, 10_000), 0)
  debts.add(100, 20_000)
  t.equal(debts.take(1_000, 20_000), 0)
  debts.add(450, 1_000_000)
  t.equal(debts.take(1_000, 1_000_000), 50, 'a long time forgives no more than the burst')
})

t.test('a connection takes over the mean of the debts of those that ended', async (t) => {
  const debts = new Debts({ burst: 0, rate: 0 }, 0)
  debts.add(90, 0)
  debts.add(0, 0)
  debts.add(0, 0)
  t.equal(debts.take(1_000, 0), 30)
  t.equal(debts.take(1_000, 0), 30)
  debts.add(10, 0)
  t.equal(debts.take(1_000, 0), 20)
  t.equal(debts.take(1_000, 0), 20)
  t.equal(debts.take(1_000, 0), 0)
})

t.test('a connection takes over no more than it may, and the next ones have the rest', async (t) => {
  const debts = new Debts({ burst: 0, rate: 0 }, 0)
  debts.add(250, 0)
  t.strictSame(
    Array.from({ length: 4 }, () => debts.take(100, 0)),
    [100, 100, 50, 0],
  )
})

t.test('a clock that is set back forgives nothing', async (t) => {
  const debts = new Debts({ burst: 0, rate: 10 }, 10_000)
  debts.add(100, 0)
  t.equal(debts.take(1_000, 0), 100)
})

t.test('connections that end without a debt do not hide a debt from their address', async (t) => {
  const debts = new Debts({ burst: 0, rate: 0 }, 0)
  const burst = 100
  let caused = 0
  for (let i = 0; i < 1_000; i++) {
    const taken = debts.take(burst, 0)
    // Every fifth connection spends what it has.
    if (i % 5 === 0) caused += burst - taken
    debts.add(i % 5 === 0 ? burst : taken, 0)
  }
  t.ok(caused <= burst, `${caused} bytes`)
})
