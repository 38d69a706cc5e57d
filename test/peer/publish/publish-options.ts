import t from 'tap'
import type { PublishOptions } from '../../../src/peer/publish/publish-options.ts'
import type { PushDescription } from '../../../src/peer/room/membership.ts'
import { OwnPublications } from '../../../src/peer/room/own-publications.ts'
import { NewStream, NewTrack } from '../../streams/fixture/datastreams.ts'
import { loop } from '../fixture/loop.ts'

const texts = [5, null, true, {}, ['x']]
const channels = [2, 'C3', null, {}, [], [null], ['C3'], [{}], [{ label: 5 }]].concat(
  [5, null].flatMap((value) =>
    ['unit', 'type', 'name', 'kind', 'contentHint'].map((field) => [{ label: '', [field]: value }]),
  ),
)
const shared = {
  name: texts,
  type: texts,
  nominalRate: ['250', null, Number.NaN, -1, [250]],
  channels,
  format: ['float16', 5, null, ['int8']],
  metadata: [5, 'x', null, true, []],
}
const source = { sourceId: texts, timeUnit: ['us', 5, null], dejitter: ['yes', 1, null] }

/** Values of a wrong type for each field, as plain JavaScript may pass them. */
const wrong = {
  description: { ...shared, ...source, kind: texts, contentHint: texts },
  options: {
    ...{ ...shared, ...source, unit: texts },
    delivery: ['fast', 5, null, {}, { maxAge: '5' }, { deadline: null }],
    buffer: [5, '64 MiB', null, { bytes: '5' }, { seconds: null }],
    overflow: ['wait', 5, null],
  },
  changes: { ...shared, unit: texts, labels: [5, 'a', null, {}, [5], [null], ['a', 'b']] },
}

/** Lists each wrong value with the only error that may follow: one that names the field. */
const casesOf = (fields: Readonly<Record<string, readonly unknown[]>>) =>
  Object.entries(fields).flatMap(([field, values]) =>
    values.map((value) => ({
      given: { [field]: value } as object,
      error: { name: 'StreamError', code: 'bad-description', message: new RegExp(`\\b${field}\\b`) },
      shown: `${field}: ${JSON.stringify(value)}`,
    })),
  )

const silentStream = () => {
  const stream = new NewStream()
  stream.addTrack(new NewTrack('Muse', 'eeg', 'TP9'))
  return stream
}

t.test('a description with a wrong type is an error that names the field', async (t) => {
  const own = new OwnPublications(loop().outbox)
  for (const { given, error, shown } of casesOf(wrong.description)) t.throws(() => own.add(given, {}), error, shown)
})

t.test('options with a wrong type are an error that names the field, also if the source has its own', async (t) => {
  const own = new OwnPublications(loop().outbox)
  const described = {
    name: 'EEG',
    type: 'EEG',
    format: 'int16',
    nominalRate: 250,
    channels: [{ label: 'C3', unit: 'µV' }],
  }
  for (const { given, error, shown } of casesOf(wrong.options)) {
    for (const source of [described, silentStream()]) t.throws(() => own.add(source, given), error, shown)
  }
  for (const options of [null, 5, 'latest']) {
    t.throws(() => own.add(described, options as never), { code: 'bad-description', message: /options/ })
  }
})

t.test('changes with a wrong type are an error that names the field, and change nothing', async (t) => {
  const { outbox, streams, log } = loop()
  const own = new OwnPublications(outbox)
  const push = own.add({ name: 'EEG', channels: [{ label: 'C3' }] }, {})
  const silent = own.add(silentStream(), {})
  for (const { given, error, shown } of casesOf(wrong.changes)) {
    for (const publication of [push, silent]) t.throws(() => publication.describe(given), error, shown)
  }
  for (const changes of [null, 5, undefined]) {
    t.throws(() => push.describe(changes as never), { code: 'bad-description', message: /changes/ })
  }
  push.describe({ name: undefined, unit: undefined, nominalRate: undefined })
  t.strictSame(log, [])
  t.match(streams[0]?.getDataTracks()[0]?.description, { name: 'EEG', nominalRate: 0, channels: [{ label: 'C3' }] })
})

t.test('a channel needs only its label; the options give the unit and the type', async (t) => {
  const labels: PushDescription = {
    channels: [{ label: 'C3' }, { label: 'C4', unit: 'mV', type: 'EMG' }, { label: '' }],
  }
  const cases: [PublishOptions, string, string][] = [
    [{}, '', ''],
    [{ unit: 'µV', type: 'EEG' }, 'µV', 'EEG'],
  ]
  for (const [options, unit, type] of cases) {
    const expected = [
      { label: 'C3', unit, type },
      { label: 'C4', unit: 'mV', type: 'EMG' },
      { label: '', unit, type },
    ]
    const { outbox, streams } = loop()
    const own = new OwnPublications(outbox)
    own.add(labels, options)
    own.add({ name: 'x' }, options).describe(labels)
    for (const stream of streams) t.strictSame(stream.getDataTracks()[0]?.description.channels, expected)
    t.equal(streams.length, 2)
  }
})
