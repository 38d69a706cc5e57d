import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseRecording, RecordingParser } from '../../src/streams/mod.ts'
import { recording } from '../fixture/recording.ts'

t.test('what the OpenBCI GUI saves', async (t) => {
  const text = readFileSync(new URL('fixture/openbci.txt', import.meta.url), 'utf8')
  for (const form of [text, text.replaceAll('\n', '\r\n')]) {
    t.strictSame(parseRecording(form), {
      labels: ['EXG Channel 0', 'EXG Channel 1', 'EXG Channel 2', 'EXG Channel 3'],
      units: ['µV', 'µV', 'µV', 'µV'],
      nominalRate: 200,
      samples: [
        Float64Array.of(1.5, 1.75, 2),
        Float64Array.of(-2.25, -2.5, -2.75),
        Float64Array.of(3.125, 3.25, 3.375),
        Float64Array.of(4, 4.5, 5),
      ],
      timestamps: Float64Array.of(1557936053329, 1557936053329, 1557936053336.5),
    })
  }
})

t.test('a session of a Cyton, every cell of it', async (t) => {
  const { text, rows, timestamps, real } = recording()
  if (!real) t.comment('the real recording is not beside this checkout; one made in its form is used instead')
  const { labels, nominalRate, samples, timestamps: stamps } = parseRecording(text)
  t.equal(labels.length, 8)
  t.equal(nominalRate, 250)
  t.strictSame([...stamps], timestamps)
  for (const [channel, values] of samples.entries()) {
    t.strictSame(
      [...values],
      rows.map((row) => row[channel]),
    )
  }
})

t.test('CSV, with and without time and units', async (t) => {
  t.strictSame(parseRecording('\ufefftime (s),left (µV),right [mV]\n1,2,3\n1.004,4,NaN\n'), {
    labels: ['left', 'right'],
    units: ['µV', 'mV'],
    nominalRate: 0,
    samples: [Float64Array.of(2, 4), Float64Array.of(3, Number.NaN)],
    timestamps: Float64Array.of(1000, 1004),
  })
  t.strictSame(parseRecording('%Sample Rate = 500\n"a","b"\n1,2\n3,4').timestamps, Float64Array.of(0, 2))
  t.strictSame(parseRecording('a\n1\n2').timestamps, Float64Array.of(0, 1))
})

t.test('what is no recording is refused with the line at fault', async (t) => {
  const cases: [string, number][] = [
    ['', 1],
    ['%only\n%comments', 1],
    ['time,a', 1],
    ['time,a\n1,2\n\n3,x', 4],
    ['time,a\n1,', 2],
    ['time,a\n1,2,3', 2],
    ['1,2\n3,4', 1],
    ['time\n1', 1],
    ['%OpenBCI\na,b\n1,2', 2],
    ['\u0000\u0001binary', 1],
  ]
  for (const [text, line] of cases) {
    t.throws(
      () => parseRecording(text),
      { code: 'bad-recording', line, message: `at line ${line}` },
      JSON.stringify(text),
    )
  }
})

t.test('the same, however the text is cut into pieces', async (t) => {
  const text = '%Sample Rate = 4\r\n\r\ntime (s),"a ""b"", c (µV)", d\r\n1,2,3\r\n%x\r\n2,"4",5\r3,6,NaN'
  for (let piece = 1; piece < text.length; piece++) {
    const parser = new RecordingParser()
    const data: number[] = []
    for (let at = 0; at < text.length; at += piece) data.push(...parser.push(text.slice(at, at + piece)).data)
    data.push(...parser.end().data)
    t.strictSame(parser.head, { labels: ['a "b", c', 'd'], units: ['µV', ''], nominalRate: 4 })
    t.strictSame(data, [2, 3, 4, 5, 6, NaN])
  }
  for (let piece = 1; piece < 12; piece++) {
    const parser = new RecordingParser()
    const read = () => {
      for (let at = 0; at < 12; at += piece) parser.push('a\r\n1\r\n\r\nx\r\n'.slice(at, at + piece))
      parser.end()
    }
    t.throws(read, { code: 'bad-recording', message: 'at line 4' }, `the line at fault in pieces of ${piece}`)
  }
  t.throws(() => new RecordingParser().push('x'.repeat(1_100_000)), { code: 'bad-recording', line: 1 })
})
