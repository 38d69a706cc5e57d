import t from 'tap'
import { checkDescription, type StreamDescription } from '../../../src/streams/mod.ts'

const good: StreamDescription = {
  name: 'EEG',
  type: 'EEG',
  nominalRate: 250,
  timeUnit: 's',
  format: 'float32',
  sourceId: 'cyton-1',
  channels: [{ label: 'Fp1', unit: 'µV', type: 'EEG' }],
  metadata: { reference: 'A1' },
}

t.test('checkDescription returns a copy without unknown fields', async (t) => {
  t.strictSame(checkDescription({ ...good, more: 1 }), good)
})

t.test('timestamps are in ms by default', async (t) => {
  t.equal(checkDescription({ ...good, timeUnit: undefined }).timeUnit, 'ms')
})

t.test('an invalid description is rejected with the name of its field', async (t) => {
  const deep: { inner?: unknown } = {}
  let at = deep
  for (let i = 0; i < 20; i++) at = at.inner = {}
  const cases: [unknown, RegExp][] = [
    [null, /it is not valid/],
    [{ ...good, name: 1 }, /name/],
    [{ ...good, nominalRate: -1 }, /nominalRate/],
    [{ ...good, nominalRate: Number.NaN }, /nominalRate/],
    [{ ...good, timeUnit: 'min' }, /timeUnit/],
    [{ ...good, dejitter: 1 }, /dejitter/],
    [{ ...good, format: 'uint8' }, /format/],
    [{ ...good, channels: [] }, /channels/],
    [{ ...good, channels: [{ label: 'x' }] }, /channels\.0/],
    [{ ...good, metadata: { notes: 'x'.repeat(20_000) } }, /the limit is 16384/],
    [{ ...good, metadata: deep }, /metadata/],
  ]
  for (const [value, message] of cases) t.throws(() => checkDescription(value), { code: 'bad-description', message })
})
