import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { parseXdf, type XdfStream } from '../../src/streams/mod.ts'
import { recording } from '../fixture/recording.ts'
import { commands, type RuntimeName, startServer } from '../fixture/server.ts'
import * as xdf from '../streams/fixture/xdf-bytes.ts'
import { startPeer } from './fixture/peer-program.ts'

// The tests can run in parallel: each has its own room, and mostly waits.
t.jobs = 2
const server = await startServer(commands.bun)
t.teardown(() => server.stop())
const folder = t.testdir({})
const session = recording()
const cyton = `${folder}/cyton.txt`
writeFileSync(cyton, session.text)

const pairs: [publisher: RuntimeName, recorder: RuntimeName][] = [
  ['node', 'bun'],
  ['bun', 'deno'],
  ['deno', 'node'],
]
for (const [publisher, recorder] of pairs) {
  t.test(`${recorder} records every sample of a Cyton session that ${publisher} publishes`, async (t) => {
    if (!session.real) t.comment('the recording was made here: the real one is not beside the project')
    const out = `${folder}/${publisher}-${recorder}.xdf`
    const room = ['--url', server.signal, '--room', `${publisher}-${recorder}`]
    const recording = startPeer(t, recorder, ['record', ...room, '--out', out, '--name', 'the recorder'])
    const publishing = startPeer(t, publisher, ['publish', cyton, ...room, '--speed', '10', '--wait-for', '1'])
    t.match(await publishing.ended, { code: 0, stdout: /cyton\.txt: 1 stream, 5005 samples published\n$/ })
    t.match(publishing.output.stderr, 'the recorder is here\n')
    await recording.prints(/publish left/)
    recording.kill('SIGINT')
    const summary = /1 stream, 5005 samples in \d+ s \(.+ a second\), 0 missed, \d+ bytes\n$/
    t.match(await recording.ended, { code: 0, stdout: summary })
    t.notMatch(recording.output.stderr + publishing.output.stderr, /typed array|rror/)
    const [stream] = parseXdf(readFileSync(out)).streams.values()
    const { data, timestamps, footer, description, clockOffsets } = stream as XdfStream
    t.strictSame([...data], session.rows.flat(), 'every sample is recorded')
    const [first, last] = [timestamps[0] as number, timestamps.at(-1) as number]
    t.ok(Math.abs(first - Date.now() / 1000) < 120, 'timestamps begin at the current time')
    const begin = session.timestamps[0] as number
    const off = session.timestamps.map((stamp, i) =>
      Math.abs((timestamps[i] as number) - first - (stamp - begin) / 1000),
    )
    t.ok(Math.max(...off) < 1e-6, 'timestamps have the same intervals as in the file')
    t.match(description, {
      name: 'cyton',
      nominalRate: 250,
      format: 'float64',
      channels: Array(8).fill({ unit: 'µV' }),
    })
    t.match(footer, { sampleCount: 5005, firstTimestamp: first, lastTimestamp: last })
    t.ok(clockOffsets.length > 0)
  })
}

t.test('publish sends all streams of an XDF file with the recorder’s timestamps', async (t) => {
  const source = `${folder}/two.xdf`
  // By its own clock, the second stream begins an hour before the first.
  // By the recorder's clock, it begins 0.1 s after the first.
  writeFileSync(
    source,
    xdf.file(
      xdf.begin,
      xdf.header(1, 'int16', 2, 10),
      xdf.header(2, 'string', 1, 0),
      xdf.offset(1, 4000, 0),
      xdf.offset(2, 400, 3600.1),
      xdf.samples(1, 3, [...xdf.stamped(4000), 1, 0, 2, 0, 0, 3, 0, 4, 0, 0, 0xff, 0xff, 0, 0x80]),
      xdf.samples(2, 1, [...xdf.stamped(400), 1, 5, ...xdf.text('blink')]),
    ),
  )
  const out = `${folder}/two-again.xdf`
  const room = ['--url', server.signal, '--room', 'two']
  // --force overwrites an existing file.
  writeFileSync(out, 'old')
  const recording = startPeer(t, 'node', ['record', ...room, '--out', out, '--force'])
  const publishing = startPeer(t, 'node', ['publish', source, ...room, '--wait-for', '1'])
  t.match(await publishing.ended, { code: 0, stdout: ': 2 streams, 4 samples published\n' })
  await recording.prints(/publish left/)
  recording.kill('SIGTERM')
  t.match(await recording.ended, { code: 0 })
  const streams = [...parseXdf(readFileSync(out)).streams.values()]
  const numbers = streams.find(({ description }) => description.name === 's1') as XdfStream
  const texts = streams.find(({ description }) => description.name === 's2') as XdfStream
  t.strictSame([...numbers.data], [1, 2, 3, 4, -1, -32768])
  t.strictSame([...texts.data], ['blink'])
  t.match(numbers.description, { type: 'EEG', format: 'int16', nominalRate: 10 })
  const between = (texts.timestamps[0] as number) - (numbers.timestamps[0] as number)
  t.ok(Math.abs(between - 0.1) < 1e-6, `the streams are ${between} s apart`)
})

t.test('--loop repeats the recording until Ctrl-C, and the recorder misses no sample', async (t) => {
  const source = `${folder}/short.csv`
  writeFileSync(source, 'time (s),a\n0,1\n0.1,2\n0.2,3\n')
  const out = `${folder}/loop.xdf`
  const room = ['--url', server.signal, '--room', 'loop']
  const recording = startPeer(t, 'node', ['record', ...room, '--out', out, '--seconds', '600'])
  const publishing = startPeer(t, 'node', ['publish', source, ...room, '--wait-for', '2', '--loop', '--speed', '20'])
  const watching = startPeer(t, 'node', ['watch', '--json', ...room])
  // More than one round of the three samples.
  await watching.prints(/"samples":([4-9]|\d\d)/)
  watching.kill('SIGINT')
  publishing.kill('SIGINT')
  const { code, stdout } = await publishing.ended
  t.equal(code, 0)
  const published = Number(/(\d+) samples published/.exec(stdout)?.[1])
  t.ok(published > 3, `${published} samples were published`)
  await recording.prints(/publish left/)
  recording.kill('SIGINT')
  t.match(await recording.ended, { code: 0 })
  const [stream] = parseXdf(readFileSync(out)).streams.values()
  const { data, timestamps } = stream as XdfStream
  t.strictSame(
    [...data],
    Array.from({ length: published }, (_, i) => (i % 3) + 1),
  )
  t.ok(
    [...timestamps].every((stamp, i) => i === 0 || stamp > (timestamps[i - 1] as number)),
    'timestamps increase from round to round',
  )
})

t.test('publish plays a damaged file up to the damage and exits with 1', async (t) => {
  const source = `${folder}/torn.csv`
  writeFileSync(source, 'time (s),a\n0,1\n0.1,2\n0.2,x\n')
  const publishing = startPeer(t, 'node', ['publish', source, '--url', server.signal, '--room', 'torn'])
  const told =
    'Cannot read the recording at line 4, byte 21: a must be a number: it is "x". What could be read was published\n'
  t.match(await publishing.ended, { code: 1, stderr: told })
})
