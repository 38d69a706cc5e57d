import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import {
  parseXdf,
  readXdf,
  XdfError,
  type XdfFile,
  type XdfPart,
  XdfReader,
  type XdfStream,
} from '../../../src/streams/mod.ts'
import { root } from '../../fixture/server.ts'
import * as xdf from '../fixture/xdf-bytes.ts'

const only = (file: XdfFile): XdfStream => [...file.streams.values()][0] as XdfStream

t.test('every format is read as other writers write it', async (t) => {
  const cases: [format: string, bytes: number[], data: unknown][] = [
    ['float32', [0, 0, 0x80, 0xbf, 0, 0, 0, 0x40], Float32Array.of(-1, 2)],
    ['double64', [...xdf.double(-1.5), ...xdf.double(Number.MAX_VALUE)], Float64Array.of(-1.5, Number.MAX_VALUE)],
    ['int8', [0x80, 0x7f], Int8Array.of(-128, 127)],
    ['int16', [0, 0x80, 0xff, 0x7f], Int16Array.of(-32_768, 32_767)],
    ['int32', [0, 0, 0, 0x80, 1, 0, 0, 0], Int32Array.of(-(2 ** 31), 1)],
    ['int64', [0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0, 0, 0, 0, 0x20, 0], BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n)],
    ['string', [1, 0, 4, 3, 0, 0, 0, 0xef, 0xbb, 0xbf], ['', '\ufeff']],
  ]
  for (const [format, bytes, data] of cases) {
    const row = xdf.samples(7, 1, [...xdf.stamped(2.5), ...bytes])
    const { data: got, timestamps } = only(parseXdf(xdf.file(xdf.begin, xdf.header(7, format, 2, 0), row)))
    t.strictSame(got, data, format)
    t.strictSame([...timestamps], [2.5])
  }
})

t.test('lengths of 1, 4 and 8 bytes are read, for chunks, counts and strings', async (t) => {
  for (const width of [1, 4, 8] as const) {
    const count = [width, ...xdf.little(1, width)]
    const content = [...xdf.little(1, 4), ...count, ...xdf.stamped(3), width, ...xdf.little(2, width), 0x68, 0x69]
    const bytes = xdf.file(xdf.begin, xdf.header(1, 'string', 1, 0), xdf.chunk(3, content, width))
    t.strictSame(only(parseXdf(bytes)).data, ['hi'], String(width))
  }
})

t.test('omitted timestamps are computed, also from one chunk to the next', async (t) => {
  const bytes = xdf.file(
    xdf.begin,
    xdf.header(1, 'int8', 1, 10),
    xdf.samples(1, 3, [0, 1, ...xdf.stamped(5), 2, 0, 3]),
    xdf.samples(1, 2, [0, 4, 0, 5]),
  )
  const { data, timestamps } = only(parseXdf(bytes))
  t.strictSame([...timestamps], [0.1, 5, 5 + 0.1, 5 + 0.1 + 0.1, 5 + 0.1 + 0.1 + 0.1])
  t.strictSame([...(data as Int8Array)], [1, 2, 3, 4, 5])
})

t.test('a file may have empty streams, no footers, unknown chunks and missing header fields', async (t) => {
  const bytes = xdf.file(
    xdf.begin,
    xdf.header(3, 'float32', 2, 100),
    xdf.header(9, 'string', 0, 0),
    xdf.chunk(77, [1, 2, 3]),
    xdf.boundary,
    xdf.offset(3, 1, -0.5),
  )
  const { streams, unknown, header } = parseXdf(bytes)
  t.equal(unknown, 1)
  t.equal(header?.children[0]?.text, '1.0')
  t.strictSame([...streams.keys()], [3, 9])
  const stream = streams.get(3) as XdfStream
  t.strictSame(stream.data, new Float32Array())
  t.strictSame(stream.clockOffsets, [{ time: 1, offset: -0.5, sample: 0 }])
  t.equal(stream.footer, undefined)
  t.strictSame(stream.description.channels, Array(2).fill({ label: '', unit: '', type: '' }))
})

t.test('a header with all fields of an amplifier is read', async (t) => {
  const more =
    '<source_id>A</source_id><uid>u</uid><hostname>h</hostname><created_at>12.5</created_at><desc>' +
    '<channels><channel><label>Fp1</label><unit>microvolts</unit><type>EEG</type><location><X>1</X></location></channel></channels>' +
    '<synchronization><can_drop_samples>true</can_drop_samples></synchronization><acquisition><model>M</model></acquisition>' +
    '<filter>a</filter><filter>b</filter></desc>'
  const { description, origin } = only(parseXdf(xdf.file(xdf.begin, xdf.header(1, 'int16', 1, 500, more))))
  t.strictSame(description, {
    ...{ name: 's1', type: 'EEG', nominalRate: 500, timeUnit: 's', dejitter: false, format: 'int16', sourceId: 'A' },
    channels: [{ label: 'Fp1', unit: 'microvolts', type: 'EEG' }],
    metadata: { acquisition: { model: 'M' }, filter: ['a', 'b'] },
  })
  t.strictSame(origin, { createdAt: 12.5, uid: 'u', sessionId: '', hostname: 'h' })
})

t.test('minimal.xdf has the values that its own footer states', async (t) => {
  const path = `${root}../shared/data/minimal.xdf`
  if (!existsSync(path)) return t.comment('skipped: minimal.xdf is not beside this checkout')
  const { streams } = parseXdf(readFileSync(path))
  const [numbers, markers] = [...streams.values()] as [XdfStream, XdfStream]
  for (const { footer, timestamps } of [numbers, markers]) {
    t.equal(timestamps[0], footer?.firstTimestamp)
    t.ok(Math.abs((timestamps.at(-1) as number) - (footer?.lastTimestamp as number)) < 1e-9)
    t.equal(timestamps.length, footer?.sampleCount)
    t.equal(footer?.sampleCount, 9)
  }
  t.strictSame(
    numbers.clockOffsets.map(({ time, offset }) => [time, offset]),
    [
      [6.1, -0.1],
      [7.1, -0.1],
    ],
  )
  t.strictSame(numbers.footer?.clockOffsets, [
    { time: 50_979.76, offset: -0.01 },
    { time: 50_979.86, offset: -0.02 },
  ])
  t.match(numbers.description, { name: 'SendDataC', type: 'EEG', nominalRate: 10, format: 'int16' })
  t.strictSame([...(numbers.data as Int16Array)].slice(0, 6), [192, 255, 238, 12, 22, 32])
  t.match((markers.data as string[])[0], '<?xml version="1.0"?>')
  t.strictSame((markers.data as string[]).slice(1), ['Hello', 'World', 'from', 'LSL', 'Hello', 'World', 'from', 'LSL'])
})

/** The parts of a file with one stream and two boundaries. */
const whole = [
  xdf.begin,
  xdf.header(1, 'int8', 1, 10),
  xdf.samples(1, 1, [...xdf.stamped(1), 11]),
  xdf.boundary,
  xdf.samples(1, 1, [...xdf.stamped(2), 22]),
  xdf.boundary,
  xdf.samples(1, 2, [0, 33, ...xdf.stamped(4), 44]),
]
const at = (part: number): number => whole.slice(0, part).flat().length

function damaged(bytes: Uint8Array): XdfError {
  try {
    parseXdf(bytes)
  } catch (error) {
    if (error instanceof XdfError) return error
    throw error
  }
  throw new Error('it was read')
}
const valuesOf = ({ partial }: XdfError): number[] =>
  [...partial.streams.values()].flatMap(({ data }) => [...(data as Int8Array)])

t.test('a file that is cut short is rejected with the place, and the error has what was read', async (t) => {
  const bytes = xdf.file(...whole)
  for (let length = 0; length < bytes.length; length++) {
    const ends = whole.map((_, part) => at(part + 1)).concat(4)
    if (ends.includes(length)) continue
    // The magic number and the file header are one part of `whole`, but two parts of the file.
    const last = length > 4 && length < at(1) ? 4 : Math.max(0, ...ends.filter((end) => end < length && end !== 4))
    const error = damaged(bytes.subarray(0, length))
    t.equal(error.offset, last, `${length} bytes`)
    t.equal(valuesOf(error).length, length > at(5) ? 2 : length > at(3) ? 1 : 0, error.message)
  }
  const { message, code, places } = damaged(bytes.subarray(0, bytes.length - 1))
  t.equal(
    message,
    `Cannot read the recording at byte ${at(6)}: the file ends within a chunk, 1 bytes before its end (read were 1 stream and 2 samples)`,
  )
  t.strictSame([code, places], ['bad-recording', 1])
})

t.test('after damage, reading continues at the next boundary, and no timestamp is computed across it', async (t) => {
  for (const [what, place, byte] of [
    ['the width of a length', at(4), 7],
    ['a length that is too short', at(4) + 1, 1],
    ['a length that runs on past the end', at(4) + 3, 1],
    ['a length of more than there can be', at(4) + 4, 0xff],
  ] as const) {
    const bytes = xdf.file(...whole)
    bytes[place] = byte
    const error = damaged(bytes)
    t.equal(error.offset, at(4), what)
    t.equal(error.places, 1, what)
    t.strictSame(valuesOf(error), [11, 33, 44], what)
    t.strictSame(only(error.partial).timestamps, Float64Array.of(1, NaN, 4))
  }
})

t.test('damage within a chunk does not affect later chunks', async (t) => {
  const cases: [string, number[]][] = [
    ['more samples than bytes', xdf.samples(1, 9, [...xdf.stamped(2), 22])],
    ['fewer samples than bytes', xdf.samples(1, 1, [...xdf.stamped(2), 22, 23])],
    ['a stamp of 4 bytes', xdf.samples(1, 1, [4, 1, 2, 3, 4, 22])],
    ['an unknown stream', xdf.samples(5, 1, [...xdf.stamped(2), 22])],
    ['an offset that is too long', xdf.chunk(4, [...xdf.little(1, 4), ...xdf.double(1), ...xdf.double(2), 0])],
    ['a header that is no XML', xdf.chunk(2, [...xdf.little(2, 4), 60, 60])],
    ['a second header', xdf.header(1, 'int8', 1, 10)],
    ['an unknown format', xdf.header(2, 'float16', 1, 10)],
    ['no count of channels', xdf.header(2, 'int8', NaN, 10)],
    ['more channels than there can be', xdf.header(2, 'int8', 1e9, 10)],
    ['no rate', xdf.header(2, 'int8', 1, -1)],
    ['a footer that is no XML', xdf.chunk(6, [...xdf.little(1, 4), 60])],
  ]
  for (const [what, part] of cases) {
    const error = damaged(xdf.file(...whole.slice(0, 4), part, ...whole.slice(5)))
    t.equal(error.offset, at(4), what)
    t.equal(error.places, 1, what)
    t.strictSame(valuesOf(error), [11, 33, 44], what)
  }
  const strings = [...xdf.stamped(1), 1, 200, 65]
  const error = damaged(xdf.file(xdf.begin, xdf.header(1, 'string', 1, 0), xdf.samples(1, 1, strings)))
  t.match(error.message, 'samples: they end within a string')
})

t.test('damage is reported and skipped, however the file is cut into pieces', async (t) => {
  const bytes = xdf.file(...whole)
  bytes[at(4)] = 7
  const whenWhole = new XdfReader()
  const wanted = [...whenWhole.push(bytes), ...whenWhole.end()]
  for (let piece = 1; piece < bytes.length; piece++) {
    const reader = new XdfReader()
    const parts: XdfPart[] = []
    for (let from = 0; from < bytes.length; from += piece)
      parts.push(...reader.push(bytes.subarray(from, from + piece)))
    parts.push(...reader.end())
    t.same(parts, wanted, `pieces of ${piece}`)
  }
})

t.test('a length that no chunk has is reported at once, and nothing is buffered for it', async (t) => {
  for (const length of [
    [4, 0xff, 0xff, 0xff, 0xff],
    [8, ...xdf.little(2 ** 40, 8)],
    [8, ...new Array(8).fill(0xff)],
  ]) {
    const parts = [...new XdfReader().push(xdf.file(xdf.begin, [...length, 3, 0]))]
    t.match(parts.at(-1), {
      kind: 'damage',
      error: { offset: xdf.begin.length, message: '536870912 at most are read' },
    })
  }
  const many = xdf.chunk(3, [...xdf.little(1, 4), 4, ...xdf.little(2 ** 32 - 1, 4), 0, 1])
  const error = damaged(xdf.file(xdf.begin, xdf.header(1, 'int8', 1, 10), many))
  t.match(error.message, '2 bytes are too few for 4294967295 samples')
})

t.test('a file of another kind is rejected at once', async (t) => {
  t.match(damaged(new TextEncoder().encode('time,left\n1,2')), { offset: 0, message: 'a file must begin with XDF:' })
  t.match(damaged(Uint8Array.of(0x1f, 0x8b, 8, 0, 0)), {
    offset: 0,
    message: 'it is compressed, unpack it with gunzip',
  })
  t.match(damaged(new Uint8Array()), { offset: 0, message: 'the file is empty' })
  t.match(damaged(Uint8Array.of(88, 68)), { offset: 0, message: 'a file must begin with XDF:' })
})

t.test('a file is read with memory for one chunk', async (t) => {
  const row = new Array<number>(60_000).fill(1)
  const piece = Uint8Array.from(xdf.chunk(3, [...xdf.little(1, 4), 4, ...xdf.little(1, 4), ...xdf.stamped(1), ...row]))
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield xdf.file(xdf.begin, xdf.header(1, 'int8', row.length, 0))
    for (let i = 0; i < 8_000; i++) yield piece
  }
  let [samples, most] = [0, 0]
  for await (const part of readXdf(pieces())) {
    if (part.kind !== 'samples') continue
    samples++
    if (samples % 100 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers)
  }
  t.equal(samples, 8_000)
  // The engine decides when it collects garbage. A reader that kept the chunks would need memory for all of them.
  t.ok(most < 240e6, `480 MB were read with ${(most / 1e6).toFixed()} MB`)
})
