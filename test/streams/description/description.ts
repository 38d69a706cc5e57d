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

t.test('names are normalized', async (t) => {
  const channels = [{ label: 'A\u0308', unit: '', type: '', name: 'A\u0308' }]
  const { name, ...rest } = checkDescription({ ...good, name: 'Zu\u0308rich', channels })
  t.equal(name, 'Z\u00fcrich')
  t.strictSame(rest.channels, [{ label: 'A\u0308', unit: '', type: '', name: '\u00c4' }], 'other texts are kept')
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
    [{ ...good, name: 'EEG\u200b' }, /: name is not valid: must not have U\+200B, which is invisible$/],
    [{ ...good, channels: [{ ...good.channels[0], name: '\x1b' }] }, /: channels\.0\.name is not valid: .* U\+001B/],
    [{ ...good, format: '\x1b[2J' }, /format is not valid: must be .* or string: it is "\\x1b\[2J"$/],
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
