import t from 'tap'
import { ControlRate } from '../../../src/peer/receive/control-rate.ts'
import { announce, encodeControl } from '../../../src/peer/wire/mod.ts'
import { checkDescription, encodeChunk } from '../../../src/streams/mod.ts'

const description = checkDescription({
  ...{ name: 'EEG', type: 'EEG', nominalRate: 250, format: 'float32', sourceId: 'device' },
  channels: [{ label: 'Fp1', unit: 'µV', type: 'EEG' }],
})
const publish = encodeControl(['publish', 1, { name: 'EEG', tracks: [] }])
const untrack = encodeControl(['untrack', 1, 0])

/** Returns how many of these messages a link accepts at once at that time, in ms. */
function taken(rate: ControlRate, message: Uint8Array, at = 0): number {
  let count = 0
  while (count < 20_000 && rate.take(message, at) === undefined) count++
  return count
}

t.test('a link accepts many controls at once, then some in each second', async (t) => {
  const rate = new ControlRate(0)
  t.equal(taken(rate, untrack), 10_000)
  t.match(rate.take(untrack, 0), { code: 'rate-limited', message: 'Cannot accept more than 200 controls a second' })
  t.equal(taken(rate, untrack, 1_000), 200)
  t.equal(taken(rate, untrack, 3_600_000), 10_000)
})

t.test('a publication and a long control cost more', async (t) => {
  t.equal(taken(new ControlRate(0), publish), 10_000 / 16)
  const long = encodeControl(['resume', Array.from({ length: 99 * 1_024 }, () => 0), []])
  t.equal(taken(new ControlRate(0), long), 10_000 / 100)
})

t.test('chunks and texts cost nothing', async (t) => {
  const rate = new ControlRate(0)
  taken(rate, untrack)
  const samples = { data: Float32Array.of(1), timestamps: Float64Array.of(1), first: 0 }
  t.equal(rate.take(encodeChunk(1, samples, description), 0), undefined)
  t.equal(rate.take('text', 0), undefined)
})

t.test('a link accepts everything that one peer may publish, twice', async (t) => {
  const rate = new ControlRate(0)
  const tracks = Array.from({ length: 16 }, (_, i): [number, typeof description] => [i, description])
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 256; i++)
      for (const message of announce(i, { name: 'EEG', tracks })) t.equal(rate.take(message, 0), undefined)
  }
})
