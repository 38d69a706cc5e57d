import { readFileSync } from 'node:fs'
import t from 'tap'
import { decodeFrame, Op, SUBPROTOCOL } from '../../src/protocol/mod.ts'
import { readChunk, unpackChunk } from '../../src/streams/mod.ts'
import { fromHex } from './fixture/bytes.ts'

const document = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8')

const [frames, streams] = document.split('\n## Streams on channels\n') as [string, string]

t.test('the table of ops in PROTOCOL.md agrees with the code', async (t) => {
  const rows = Array.from(
    document.matchAll(/^\| `(\w+)` \| (\d+) \| (relay|request|answer|event|keepalive)/gm),
    ([, name, number]) => [name, Number(number)],
  )
  t.strictSame(Object.fromEntries(rows), Op)
  t.match(document, SUBPROTOCOL)
})

t.test('the byte examples in PROTOCOL.md are the frames written beside them', async (t) => {
  const examples = Array.from(frames.matchAll(/```\n(9[^`]+\])[^\]`]*```/g), ([, example]) => example as string)
  t.equal(examples.length, 10)
  for (const example of examples) {
    // Each line has bytes, then two or more spaces, then their meaning.
    const lines = example.split('\n').map((line) => line.match(/^([0-9a-f ]+?) {2,}([["{].*)$/) as RegExpMatchArray)
    const hex = lines.map(([, bytes]) => bytes).join('')
    const meaning = lines.map(([, , text]) => text).join('')
    t.strictSame(decodeFrame(fromHex(hex)), JSON.parse(meaning.replace('nil', 'null')), meaning)
  }
})

t.test('the companion reads the example chunk in PROTOCOL.md', async (t) => {
  const [, example] = streams.match(/```\n(96[^`]+)```/) as RegExpMatchArray
  const hex = (example as string).replace(/^ *([0-9a-f][0-9a-f ]*?) {2,}.*$/gm, '$1').replace(/\s/g, '')
  const chunk = readChunk(fromHex(hex))
  t.match(chunk, { stream: 2, first: 0, samples: 2, flags: 0 })
  const channels = [{ label: '', unit: '', type: '' }]
  t.same(
    unpackChunk(chunk, { format: 'int16', nominalRate: 250, timeUnit: 'ms', channels }).data,
    new Int16Array([1, -2]),
  )
})

t.test('PROTOCOL.md names every code and every reason of an error', async (t) => {
  const source = readFileSync(new URL('../../src/protocol/errors.ts', import.meta.url), 'utf8')
  const words = Array.from(source.matchAll(/^ {2}\| '([a-z-]+)'$/gm), ([, word]) => word as string)
  t.ok(words.length > 20)
  for (const word of words) t.ok(document.includes(`| \`${word}\` |`), word)
})
