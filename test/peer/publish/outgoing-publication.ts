import t from 'tap'
import { OutgoingPublication } from '../../../src/peer/publish/outgoing-publication.ts'
import type { PublishOptions } from '../../../src/peer/publish/publish-options.ts'
import { type Pulled, pushSource, type StreamDescription, sourceOf } from '../../../src/streams/mod.ts'
import { NewStream, NewTrack } from '../../streams/fixture/datastreams.ts'
import { loop } from '../fixture/loop.ts'

const channelsOf = (...labels: string[]) => labels.map((label) => ({ label, unit: '', type: '' }))

function setUp(description: Partial<StreamDescription>, options: PublishOptions = {}) {
  const looped = loop()
  const { source, push } = pushSource(description)
  const publication = new OutgoingPublication(source, description.name ?? '', options, looped.outbox)
  const errors: unknown[] = []
  publication.addEventListener('error', ({ detail }) => errors.push((detail as Error & { code: string }).code))
  return { ...looped, publication, push, errors }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0))

t.test('a changed description arrives in order with the samples', async (t) => {
  const { publication, push, streams, heard, log } = setUp({
    name: 'EEG',
    format: 'int24',
    channels: channelsOf('a', 'b'),
  })
  let before = 0
  streams[0]?.addEventListener('describe', ({ detail }) => {
    before = detail[0]?.samples ?? 0
  })
  push([1, 2], [0])
  publication.describe({
    name: 'EEG 2',
    type: 'EEG',
    unit: 'µV',
    labels: ['Fp1', 'Fp2'],
    nominalRate: 250,
    metadata: { cap: 'M' },
  })
  push([3, -8_388_608], [1])
  await turn()
  t.strictSame(log, ['describe track Fp1', 'describe track Fp2', 'describe stream 2'])
  t.equal(before, 1)
  const [track] = streams[0]?.getDataTracks() ?? []
  t.match(track?.description, {
    name: 'EEG 2',
    type: 'EEG',
    format: 'int24',
    nominalRate: 250,
    channels: [
      { label: 'Fp1', unit: 'µV', type: 'EEG' },
      { label: 'Fp2', unit: 'µV', type: 'EEG' },
    ],
    metadata: { cap: 'M' },
  })
  t.strictSame(
    heard.map(({ values }) => values),
    [
      [1, 3],
      [2, -8_388_608],
    ],
  )
})

t.test('format and channels can change until the first sample', async (t) => {
  const { publication, push, heard } = setUp({ name: 'x' })
  publication.describe({ format: 'int8', channels: channelsOf('a', 'b', 'c') })
  push([1, 2, 3], [0])
  await turn()
  t.throws(() => publication.describe({ format: 'float32' }), { code: 'bad-description' })
  t.throws(() => publication.describe({ channels: channelsOf('a') }), { code: 'bad-description' })
  publication.describe({ format: 'int8', channels: channelsOf('d', 'e', 'f') })
  push([4, 5, 6], [1])
  await turn()
  t.strictSame(
    heard.filter(({ ended }) => !ended).map(({ values }) => values),
    [
      [1, 4],
      [2, 5],
      [3, 6],
    ],
  )
})

t.test('an explicit format is not detected again', async (t) => {
  const { publication, push, errors, streams } = setUp({ name: 'x' })
  publication.describe({ format: 'float64' })
  push(['text'], [0])
  push([1], [0])
  await turn()
  t.strictSame(errors, ['bad-value'])
  t.equal(streams[0]?.getDataTracks()[0]?.description.format, 'float64')
})

t.test('invalid changes throw and change nothing', async (t) => {
  const { publication, log } = setUp({ name: 'x', channels: channelsOf('a', 'b') })
  const cases = [{ labels: ['one'] }, { name: 'x'.repeat(513) }, { nominalRate: -1 }, { channels: [] }]
  for (const changes of cases) t.throws(() => publication.describe(changes), { code: 'bad-description' })
  t.strictSame(log, [])
})

t.test('a late joiner receives the current description', async (t) => {
  const { publication, outbox } = setUp({ name: 'x', type: 'a' })
  publication.describe({ type: 'b' })
  const messages: Uint8Array[] = []
  outbox.addLink({ send: (bytes: Uint8Array) => messages.push(bytes) } as never, 0)
  t.ok(messages.some((bytes) => Buffer.from(bytes).toString('latin1').includes('type\xa1b')))
})

t.test('a value that does not fit is an error for the publisher and is not sent', async (t) => {
  for (const [format, value] of [
    ['int8', 128],
    ['int24', 2 ** 23],
    ['int64', 2 ** 53],
    ['float32', 1e39],
    ['string', 5],
  ] as const) {
    const { push, errors, heard, publication } = setUp({ name: format, format })
    push([value], [0])
    await turn()
    t.strictSame(errors, ['bad-value'], format)
    t.strictSame(heard[0]?.values, [])
    t.equal(publication.refused, 1)
  }
})

t.test('push returns whether the buffer has room, and drained() waits for room', async (t) => {
  const { push, publication, waiting, outbox } = setUp({ name: 'x' }, { buffer: { bytes: 1_000 } })
  t.equal(push([1]), true)
  waiting.bytes = 501
  t.equal(push([1]), false)
  let drained = false
  const wait = publication.drained().then(() => {
    drained = true
  })
  outbox.drain()
  await turn()
  t.notOk(drained)
  waiting.bytes = 500
  outbox.drain()
  await wait
  waiting.seconds = 31
  t.equal(push([1]), false)
  const stopped = publication.drained()
  publication.stop()
  outbox.drain()
  await stopped
  t.equal(push([1]), false)
})

t.test('streams that drop instead of waiting are never full', async (t) => {
  for (const options of [{ delivery: 'latest' }, { overflow: 'drop-oldest' }] as const) {
    const { push, waiting } = setUp({ name: 'x' }, options)
    waiting.seconds = 1_000
    t.equal(push([1]), true)
  }
})

t.test('an async iterable is published with the options’ channels, and ends with its source', async (t) => {
  const { outbox, heard, streams, log } = loop()
  async function* generate(): AsyncGenerator<Pulled> {
    yield [1, 2]
    yield { data: [3, 4, 5, 6], timestamps: [0.5, 0.75] }
    yield Float64Array.of(7, 8)
  }
  const options: PublishOptions = { channels: channelsOf('x', 'y'), sourceId: 'accelerometer', unit: 'g' }
  const publication = new OutgoingPublication(sourceOf(generate(), options), 'Motion', options, outbox)
  await new Promise((resolve) => publication.addEventListener('close', resolve))
  t.strictSame(
    heard.map(({ values, ended }) => [values, ended]),
    [
      [[1, 3, 5, 7], true],
      [[2, 4, 6, 8], true],
    ],
  )
  t.strictSame(heard[0]?.timestamps.slice(1, 3), [0.5, 0.75])
  t.strictSame(log, ['streamend Motion'])
  t.notOk(streams[0]?.active)
})

t.test('a source that fails emits its error', async (t) => {
  const { outbox, log } = loop()
  const stream = new ReadableStream<Pulled>({
    pull(controller) {
      controller.error(new Error('unplugged'))
    },
  })
  const publication = new OutgoingPublication(sourceOf(stream), 'serial', {}, outbox)
  const errors: string[] = []
  publication.addEventListener('error', ({ detail }) => errors.push(detail.message))
  await new Promise((resolve) => publication.addEventListener('close', resolve))
  t.match(errors, ['unplugged'])
  t.strictSame(log, ['streamend serial'])
})

t.test('invalid options throw at once', async (t) => {
  const { outbox } = loop()
  async function* generate(): AsyncGenerator<Pulled> {}
  const silent = new NewStream()
  silent.addTrack(new NewTrack('Muse', 'eeg', 'TP9'))
  for (const source of [generate(), silent]) {
    const options = { type: 'x'.repeat(513) }
    t.throws(() => new OutgoingPublication(sourceOf(source), 'x', options, outbox), { code: 'bad-description' })
  }
})

t.test('await using stops a publication, also if its block throws', async (t) => {
  const { publication, push, heard, log } = setUp({ name: 'x', format: 'int8' })
  const block = async () => {
    await using own = publication
    push([1])
    throw new Error(`the block of ${own.name} fails`)
  }
  await t.rejects(block(), { message: 'the block of x fails' })
  t.strictSame(heard[0]?.values, [1], 'samples that it has taken still arrive')
  t.strictSame(log, ['streamend x'])
  publication.stop()
  t.strictSame(log, ['streamend x'])
})
