import t from 'tap'
import { parseXdf, Recorder, type StreamDescription, type XdfStream } from '../../../src/streams/mod.ts'
import { sink } from '../fixture/sink.ts'

const description: StreamDescription = {
  ...{ name: 'x', type: '', nominalRate: 250, timeUnit: 's', format: 'int8', sourceId: '' },
  channels: [{ label: '', unit: '', type: '' }],
}

async function write(runs: (number[] | string[])[][], changes: Partial<StreamDescription> = {}) {
  const { writable, bytes } = sink()
  const recorder = new Recorder(writable, () => 0)
  const stream = await recorder.addStream({ ...description, ...changes })
  const before = bytes().length
  for (const [stamps, data] of runs as [number[], number[] | string[]][]) {
    const values = typeof data[0] === 'string' ? (data as string[]) : Int8Array.from(data as number[])
    await stream.write({ data: values, timestamps: Float64Array.from(stamps), first: 0 })
  }
  await new Promise((resolve) => setTimeout(resolve, 0))
  const length = bytes().length - before
  await recorder.close()
  return { length, read: [...parseXdf(bytes()).streams.values()][0] as XdfStream }
}

/** Timestamps at the rate, each computed from the one before. */
const even = (count: number, first = 1_790_000_000): number[] => {
  const stamps = [first]
  while (stamps.length < count) stamps.push((stamps.at(-1) as number) + 1 / 250)
  return stamps
}

t.test('timestamps that follow from the rate are omitted, except the first of each chunk', async (t) => {
  const stamps = even(20)
  const values = stamps.map((_, i) => i)
  // Width, length, tag, stream; width, count; one timestamp; and two bytes for each sample.
  const chunk = (samples: number) => 2 + 2 + 4 + 2 + 8 + 2 * samples
  const one = await write([[stamps, values]])
  t.equal(one.length, chunk(20))
  t.strictSame([...one.read.timestamps], stamps)
  const two = await write([
    [stamps.slice(0, 10), values.slice(0, 10)],
    [stamps.slice(10), values.slice(10)],
  ])
  t.equal(two.length, 2 * chunk(10))
  t.strictSame([...two.read.timestamps], stamps)
})

t.test('a timestamp that differs in its last bit is written', async (t) => {
  const stamps = even(3, 1000)
  const off = Float64Array.of(stamps[1] as number)
  new BigInt64Array(off.buffer)[0] = (new BigInt64Array(off.buffer)[0] as bigint) + 1n
  stamps[1] = off[0] as number
  const { read, length } = await write([[stamps, [1, 2, 3]]])
  t.strictSame([...read.timestamps], stamps)
  t.ok(length > 30)
})

t.test('timestamps that are no numbers are read back, at the start of a chunk too', async (t) => {
  const { read } = await write([
    [
      [1, NaN],
      [1, 2],
    ],
    [
      [NaN, NaN, 5, -0],
      [3, 4, 5, 6],
    ],
    [[NaN], [7]],
    [[8], [8]],
  ])
  t.strictSame([...read.timestamps], [1, NaN, NaN, NaN, 5, -0, NaN, 8])
})

t.test('lengths near those that take more bytes are read back', async (t) => {
  const lengths = [0, 1, 233, 234, 235, 236, 237, 238, 239, 254, 255, 256, 257, 65_535, 65_536]
  for (const length of lengths) {
    const { read } = await write([[[1], ['x'.repeat(length)]]], { format: 'string', nominalRate: 0 })
    t.equal((read.data as string[])[0]?.length, length)
  }
  for (const count of [255, 256, 257]) {
    const { read } = await write([[even(count), even(count).map(() => 1)]])
    t.equal(read.timestamps.length, count)
  }
})

t.test('metadata of all kinds is written, under other names if XDF reserves or forbids a name', async (t) => {
  const metadata = {
    channels: 'mine',
    'two words': 2,
    '1st': true,
    nothing: null,
    list: [1, { a: 'b' }],
    é: 1n,
    when: new Date(0),
  }
  const { read } = await write([], { metadata })
  t.equal(read.description.channels.length, 1)
  t.strictSame(read.description.metadata, {
    channels_: 'mine',
    two_words: '2',
    _1st: 'true',
    nothing: '',
    list: ['1', { a: 'b' }],
    _: '1',
    when: String(new Date(0)),
  })
})
