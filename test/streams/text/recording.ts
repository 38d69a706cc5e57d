import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseRecording, RecordingError, RecordingParser } from '../../../src/streams/mod.ts'
import { recording } from '../../fixture/recording.ts'

t.test('parseRecording reads a file of the OpenBCI GUI', async (t) => {
  const text = readFileSync(new URL('../fixture/openbci.txt', import.meta.url), 'utf8')
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

t.test('parseRecording reads every cell of a Cyton session', async (t) => {
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

t.test('parseRecording reads CSV with and without times and units', async (t) => {
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

t.test('an invalid recording is rejected with the line at fault', async (t) => {
  const cases: [string, number, number, number][] = [
    ['', 1, 0, 0],
    ['%only\n%comments', 1, 0, 0],
    ['time,a', 1, 0, 0],
    ['%µ\r\n\ntime,a\r\n%', 3, 6, 0],
    ['time,a\n1,2\n\n3,x', 4, 12, 1],
    ['time,µ\n1,2\r3,4\r\n5,6,7\n8,9', 4, 17, 2],
    ['time,a\n1,', 2, 7, 0],
    ['time,a\n1,2,3', 2, 7, 0],
    ['1,2\n3,4', 1, 0, 0],
    ['time\n1', 1, 0, 0],
    ['%OpenBCI\na,b\n1,2', 2, 9, 0],
    ['\u0000\u0001binary', 1, 0, 0],
  ]
  for (const [text, line, offset, rows] of cases) {
    const message = `at line ${line}, byte ${offset}: `
    const found = t.throws(() => parseRecording(text), { code: 'bad-recording', line, offset, message }, text)
    t.type(found, RecordingError)
    t.equal((found as RecordingError).partial.timestamps.length, rows)
    t.match((found as RecordingError).message, `(read ${rows === 1 ? 'was 1 row' : `were ${rows} rows`})`)
  }
})

t.test('a file that is cut short is rejected, and the error has the rows before the cut', async (t) => {
  const text = readFileSync(new URL('../fixture/openbci.txt', import.meta.url), 'utf8').trimEnd()
  const start = text.lastIndexOf('\n') + 1
  const line = text.split('\n').length
  const cut = t.throws(() => parseRecording(text.slice(0, start + 20))) as RecordingError
  t.match(cut, {
    line,
    offset: new TextEncoder().encode(text.slice(0, start)).length,
    message: 'and the file ends there',
  })
  t.strictSame(cut.partial.samples[0], Float64Array.of(1.5, 1.75))
  t.match(cut.partial, { labels: { length: 4 }, nominalRate: 200 })
})

t.test('damaged characters do not shift the place of an error, and UTF-16 is rejected', async (t) => {
  const latin = Uint8Array.from('time,left (\xb5V)\n0,1\n\xff,2\n', (character) => character.charCodeAt(0))
  const found = t.throws(() => parseRecording(latin))
  t.match(found, { line: 3, offset: 19, partial: { samples: [Float64Array.of(1)] } })
  const wide = new Uint8Array(Uint16Array.from('\ufefftime,left\n0,1\n', (character) => character.charCodeAt(0)).buffer)
  t.throws(() => parseRecording(wide), { line: 1, offset: 0, message: 'it is no text' })
})

t.test('the result does not depend on how the text is cut into pieces', async (t) => {
  const text = '%Sample Rate = 4\r\n\r\ntime (s),"a ""b"", c (µV)", d\r\n1,2,3\r\n%x\r\n2,"4",5\r3,6,NaN'
  const bytes = new TextEncoder().encode(text)
  for (let piece = 1; piece <= bytes.length; piece++) {
    const parser = new RecordingParser()
    const data: number[] = []
    for (let at = 0; at < bytes.length; at += piece) data.push(...parser.push(bytes.subarray(at, at + piece)).data)
    data.push(...parser.end().data)
    t.strictSame(parser.head, { labels: ['a "b", c', 'd'], units: ['µV', ''], nominalRate: 4 })
    t.strictSame(data, [2, 3, 4, 5, 6, NaN])
  }
  const bad = new TextEncoder().encode('µ\r\n1\r\n\r\nx\r\n')
  for (let piece = 1; piece <= 13; piece++) {
    const parser = new RecordingParser()
    const read = () => {
      for (let at = 0; at < 13; at += piece) parser.push(bad.subarray(at, at + piece))
      parser.end()
    }
    t.throws(
      read,
      { code: 'bad-recording', message: 'at line 4, byte 9: ', offset: 9 },
      `the line at fault in pieces of ${piece} bytes`,
    )
  }
  const long = 'x'.repeat(1_100_000)
  t.throws(() => parseRecording(long), { line: 1, offset: 0, message: 'longer than 1048576 bytes' })
  const found = t.throws(() => parseRecording(`a\n1\n${long}`))
  t.match(found, { line: 3, offset: 4, partial: { samples: [Float64Array.of(1)] } })
})
