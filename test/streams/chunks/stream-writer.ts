import t from 'tap'
import type { Format } from '../../../src/streams/mod.ts'
import { type Sent, setUpWriter } from '../fixture/writer.ts'

t.test('samples that are added within one task are emitted together, in order', async (t) => {
  const { writer, sent } = setUpWriter()
  writer.add([1], [10])
  writer.add([2, 3], [20, 30])
  t.strictSame(sent, [])
  await Promise.resolve()
  t.strictSame(sent, [{ data: [1, 2, 3], timestamps: [10, 20, 30], first: 0, format: 'float64' }])
  writer.add([4], [40])
  await Promise.resolve()
  t.strictSame(sent[1], { data: [4], timestamps: [40], first: 3, format: 'float64' })
})

t.test('the first value sets the format if none is given', async (t) => {
  const cases: [unknown[], Format, unknown[]][] = [
    [[1.5, 2], 'float64', [1.5, 2]],
    [[1n, -5n], 'int64', [1n, -5n]],
    [['a', 'ä'], 'string', ['a', 'ä']],
    [[Float32Array.of(0.1, 0.2)], 'float32', [Math.fround(0.1), Math.fround(0.2)]],
    [[Uint8Array.of(255)], 'int16', [255]],
    [[Int16Array.of(-3), Int16Array.of(4, 5)], 'int16', [-3, 4, 5]],
  ]
  for (const [values, format, arrives] of cases) {
    const { writer, sent, described } = setUpWriter()
    writer.add(values, [1])
    writer.flush()
    t.equal(sent[0]?.format, format)
    t.strictSame(sent[0]?.data, arrives)
    t.equal(described.length, format === 'float64' ? 0 : 1)
  }
})

t.test('a value that no stream can carry does not set the format', async (t) => {
  const { writer, sent, refused } = setUpWriter()
  writer.add([{}, null, true, 'text'], [1, 2, 3, 4])
  writer.flush()
  t.strictSame(sent, [{ data: ['text'], timestamps: [4], first: 0, format: 'string' }])
  t.equal(refused.length, 3)
})

t.test('a value that does not fit the format is rejected and counted, never changed', async (t) => {
  const cases: [Format, unknown[]][] = [
    ['float64', ['1', 1n, {}, null]],
    ['float32', [1e300, '1']],
    ['int8', [128, -129, 0.5, Number.NaN]],
    ['int16', [32_768, -32_769]],
    ['int24', [8_388_608, -8_388_609]],
    ['int32', [2 ** 31, -(2 ** 31) - 1, Number.POSITIVE_INFINITY]],
    ['int64', [2n ** 63n, 2 ** 53, 0.5]],
    ['string', [1, '\ud800', 'x'.repeat(300_000)]],
  ]
  for (const [format, values] of cases) {
    const { writer, sent, refused } = setUpWriter(format)
    writer.add(values, [1])
    writer.flush()
    t.strictSame(sent, [], format)
    t.equal(refused.length, values.length)
    for (const { error } of refused) t.match(error, { code: 'bad-value', message: /^Cannot accept/ })
    t.equal(writer.samples, 0)
  }
})

t.test('holes are skipped, with their timestamps', async (t) => {
  const { writer, sent, refused } = setUpWriter()
  const sparse: number[] = []
  sparse[2] = 7
  sparse[4] = 9
  writer.add(sparse, [1, 2, 3, 4, 5])
  writer.flush()
  t.strictSame(sent[0], { data: [7, 9], timestamps: [3, 5], first: 0, format: 'float64' })
  t.strictSame(refused, [])
})

t.test('the last timestamp replaces missing ones', async (t) => {
  const { writer, sent } = setUpWriter()
  writer.add([1, 2, 3], [5, 6])
  writer.add([4, 5], 9)
  writer.flush()
  t.strictSame(sent[0]?.timestamps, [5, 6, 6, 9, 9])
})

t.test('without timestamps, the last sample is of now', async (t) => {
  const before = Date.now()
  const { writer, sent } = setUpWriter('float64', 1, 250)
  writer.add([1, 2, 3])
  writer.flush()
  const [first, second, third] = (sent[0] as Sent).timestamps as [number, number, number]
  t.ok(Math.abs(third - before) < 1_000)
  t.ok(Math.abs(second - first - 4) < 0.01 && Math.abs(third - second - 4) < 0.01)
})

t.test('without timestamps, the last sample is of now in seconds too', async (t) => {
  const { writer, sent } = setUpWriter('float64', 1, 250, 's')
  writer.add([1, 2])
  writer.flush()
  writer.add([3], ['no number'])
  writer.flush()
  const [first, second] = (sent[0] as Sent).timestamps as [number, number]
  t.ok(Math.abs(second - Date.now() / 1000) < 1)
  t.ok(Math.abs(second - first - 0.004) < 1e-5)
  t.ok(Math.abs((sent[1]?.timestamps[0] ?? 0) - second) < 1)
})

t.test('samples of several channels are taken row by row', async (t) => {
  const { writer, sent, refused } = setUpWriter('int16', 3)
  writer.add([1, 2, 3, 4, 70_000, 6, 7, 8, 9], [1, 2, 3])
  writer.add([1, 2], [4])
  writer.flush()
  t.strictSame(sent, [{ data: [1, 2, 3, 7, 8, 9], timestamps: [1, 3], first: 0, format: 'int16' }])
  t.strictSame(
    refused.map(({ samples }) => samples),
    [1, 1],
  )
})
