import { execFileSync } from 'node:child_process'
import { constants, openSync, readFileSync, readSync } from 'node:fs'
import t, { type Test } from 'tap'
import { parseXdf, type XdfStream } from '../../src/streams/mod.ts'
import { commands, startServer } from '../fixture/server.ts'
import { startPeer } from './fixture/peer-program.ts'

// The tests can run in parallel: each has its own room, and mostly waits.
t.jobs = 2
const server = await startServer(commands.bun)
t.teardown(() => server.stop())
const folder = t.testdir({})

/** Starts a peer that sends messages of one kind to another peer. */
const startHostile = (t: Test, room: string, target: string, kind: string) =>
  startPeer(t, 'node', [server.signal, room, target, kind], { program: 'test/commands/fixture/hostile-program.ts' })

t.test('a flood of publications ends the link of its sender, and the recording of others goes on', async (t) => {
  const out = `${folder}/flood.xdf`
  const room = ['--url', server.signal, '--room', 'flood']
  const recording = startPeer(t, 'node', ['record', ...room, '--out', out])
  await recording.prints(/In the room flood/)
  const stream = ['--stdin', '--format', 'int32', '--name', 'Pi']
  const publishing = startPeer(t, 'node', ['publish', ...stream, ...room, '--wait-for', '1'])
  await publishing.prints(/record is here/)
  let given = 0
  const publish = () => publishing.write(`${given++}\n`)
  const timer = setInterval(publish, 10)
  t.teardown(() => clearInterval(timer))
  startHostile(t, 'flood', 'record', 'flood')
  await recording.prints(/Eve: Cannot accept more than 200 controls a second\n/)
  clearInterval(timer)
  for (let i = 0; i < 100; i++) publish()
  publishing.end()
  t.match(await publishing.ended, { code: 0, stdout: `${given} samples published\n` })
  recording.kill('SIGINT')
  t.match(await recording.ended, { code: 0, stdout: new RegExp(` ${given} samples in .* 0 missed`) })
  t.equal(recording.output.stderr.match(/Cannot accept/g)?.length, 1, 'one error')
  const streams = [...parseXdf(readFileSync(out)).streams.values()]
  const [noise, others] = [true, false].map((isNoise) =>
    streams.filter(({ description }) => (description.name === 'noise') === isNoise),
  ) as [XdfStream[], XdfStream[]]
  t.strictSame(
    others.map(({ data }) => [...(data as Int32Array)]),
    [Array.from({ length: given }, (_, i) => i)],
  )
  t.ok(noise.length < 1_000, `${noise.length} streams of the flood were recorded`)
})

t.test('text from a peer reaches a terminal only with escapes', async (t) => {
  const room = ['--url', server.signal, '--room', 'escapes']
  const watching = startPeer(t, 'node', ['watch', ...room, '--name', 'table'])
  const json = startPeer(t, 'node', ['watch', ...room, '--name', 'json', '--json'])
  const third = startPeer(t, 'node', ['watch', ...room, '--name', 'third'])
  for (const peer of [watching, json, third]) await peer.prints(/In the room/)
  startHostile(t, 'escapes', 'table', 'escapes')
  startHostile(t, 'escapes', 'json', 'escapes')
  startHostile(t, 'escapes', 'third', 'garbled')
  await watching.prints(/Eve \(.*\): noise \[\\x1b\[2J\] 1 × int8/)
  await json.prints(/"name":"noise","type":"\\u001b\[2J".*"label":"\\u009b"/)
  await third.prints(/Eve: Cannot read the control publish: .* it is "\\x1b\[2J\\x0a"\n/)
  for (const { output } of [watching, json, third]) t.notMatch(output.stdout + output.stderr, /[^\n\P{Cc}]/u)
})

t.test('Ctrl-C closes the links at once, also while the file takes nothing', async (t) => {
  const fifo = `${folder}/fifo`
  execFileSync('mkfifo', [fifo])
  // The pipe holds 64 KiB until the test reads.
  const reading = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  const room = ['--url', server.signal, '--room', 'slow']
  const recording = startPeer(t, 'node', ['record', ...room, '--out', fifo, '--force'])
  await recording.prints(/In the room slow/)
  const stream = ['--stdin', '--format', 'float64', '--channels', '1', '--name', 'Pi']
  const publishing = startPeer(t, 'node', ['publish', ...stream, ...room, '--wait-for', '1'])
  await publishing.prints(/record is here/)
  const count = 50_000
  publishing.write(Array.from({ length: count }, (_, i) => `${i}\n`).join(''))
  publishing.end()
  t.match(await publishing.ended, { code: 0, stdout: `${count} samples published\n` })
  const watching = startPeer(t, 'node', ['watch', ...room])
  await watching.prints(/record is here/)
  recording.kill('SIGINT')
  await watching.prints(/record left/)
  t.equal(recording.output.stdout, '', 'the file is not finished')
  const pieces: Buffer[] = []
  const drain = () => {
    for (;;) {
      const piece = Buffer.alloc(65_536)
      const length = readAvailable(reading, piece)
      if (length <= 0) return
      pieces.push(piece.subarray(0, length))
    }
  }
  const timer = setInterval(drain, 1)
  t.match(await recording.ended, { code: 0, stdout: ` ${count} samples in ` })
  clearInterval(timer)
  drain()
  const [read] = parseXdf(Buffer.concat(pieces)).streams.values()
  t.strictSame(
    [...((read as XdfStream).data as Float64Array)],
    Array.from({ length: count }, (_, i) => i),
  )
})

/** Returns the number of bytes read; 0 if the pipe is empty. */
function readAvailable(file: number, into: Buffer): number {
  try {
    return readSync(file, into)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EAGAIN') return 0
    throw error
  }
}
