import t from 'tap'
import { checkDescription, encodeChunk, StreamWriter } from '../../../src/streams/mod.ts'
import { setUpWriter } from '../fixture/writer.ts'

t.test('each long text has its own chunk', async (t) => {
  const { writer, sent } = setUpWriter('string')
  const text = 'x'.repeat(10_000)
  writer.add([text, text, text, 'y'.repeat(200_000)], [1, 2, 3, 4])
  writer.flush()
  t.strictSame(
    sent.map(({ data }) => data.length),
    [1, 1, 1, 1],
  )
})

t.test('chunks of strings fit into 16 KiB, with their header and the prefix', async (t) => {
  const lengths: number[] = []
  const description = checkDescription({
    name: 'log',
    type: '',
    nominalRate: 0,
    format: 'string',
    sourceId: '',
    channels: [{ label: '', unit: '', type: '' }],
  })
  const writer = new StreamWriter({
    description,
    infer: false,
    emit: (chunk, described) => lengths.push(encodeChunk(2 ** 20, { ...chunk, first: 2 ** 40 }, described).length),
    describe: () => {},
    refuse: (error) => t.fail(error.message),
  })
  for (const length of [1, 15, 16, 100, 8_000]) {
    const values = Array.from({ length: Math.ceil(50_000 / length) }, () => 'x'.repeat(length))
    writer.add(
      values,
      values.map((_, i) => i * i),
    )
    writer.flush()
  }
  t.ok(Math.max(...lengths) <= 16_384 - 6 && Math.max(...lengths) > 16_000, `${Math.max(...lengths)} bytes`)
})
