import t from 'tap'
import { RequestRates } from '../../../src/server/shared/request-rates.ts'

/** Sends requests until one is refused. @returns how many were allowed, and the seconds to wait */
function burst(rates: RequestRates, address: string): [allowed: number, wait: number] {
  for (let allowed = 0; allowed < 10_000; allowed++) {
    const wait = rates.take(address)
    if (wait > 0) return [allowed, wait]
  }
  return [Number.POSITIVE_INFINITY, 0]
}

t.test('an address may send ten seconds of its rate at once, and then its rate', async (t) => {
  const rates = new RequestRates(1)
  const [allowed, wait] = burst(rates, '203.0.113.7')
  // On a busy machine a second may pass meanwhile.
  t.ok(allowed >= 10 && allowed < 100, `${allowed} requests`)
  t.ok(wait > 0 && wait <= 1, `${wait} s`)
  t.ok(rates.take('::ffff:203.0.113.7') > 0, 'the same address in another form')
  t.equal(rates.take('203.0.113.8'), 0, 'another address')
})

t.test('an answer counts as more requests', async (t) => {
  const rates = new RequestRates(1)
  t.equal(rates.take('203.0.113.7'), 0)
  rates.charge('203.0.113.7', 100)
  const wait = rates.take('203.0.113.7')
  t.ok(wait > 60 && wait <= 92, `${wait} s`)
  rates.charge('203.0.113.9', 1)
  t.equal(rates.take('203.0.113.9'), 0, 'an address without a request has no debt')
})

t.test('by default, this machine and unknown addresses have no limit', async (t) => {
  const rates = new RequestRates(undefined)
  for (const address of ['127.0.0.1', '::1', '']) {
    t.equal(burst(rates, address)[0], Number.POSITIVE_INFINITY, address)
  }
  t.ok(burst(rates, '203.0.113.7')[0] < 10_000)
  t.ok(burst(new RequestRates(1), '127.0.0.1')[0] < 100, 'a given limit is also for this machine')
})

t.test('the number of addresses is bounded', async (t) => {
  const rates = new RequestRates(1)
  for (const address of ['203.0.113.7', '203.0.113.8']) {
    rates.take(address)
    rates.charge(address, 1_000)
  }
  for (let i = 0; i < 9_999; i++) {
    if (i === 5_000) rates.take('203.0.113.8')
    rates.take(`10.0.${i >> 8}.${i & 255}`)
  }
  t.equal(rates.take('203.0.113.7'), 0, 'the address that has been silent for longest starts anew')
  t.ok(rates.take('203.0.113.8') > 0, 'the others do not')
})
