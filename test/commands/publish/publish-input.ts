import { encode } from '@msgpack/msgpack'
import t from 'tap'
import { commands, type RuntimeName, startServer } from '../../fixture/server.ts'
import { type PeerProgram, startPeer } from '../fixture/peer-program.ts'

// The tests can run in parallel: each has its own room, and mostly waits.
t.jobs = 2
const server = await startServer(commands.bun)
t.teardown(() => server.stop())

/** The last complete line of JSON that a watcher has printed. */
const newest = ({ output }: PeerProgram) => JSON.parse(output.stdout.trimEnd().split('\n').at(-1) as string)

for (const runtime of Object.keys(commands) as RuntimeName[]) {
  t.test(`${runtime} publishes lines from standard input, and leaves out only the bad ones`, async (t) => {
    const room = ['--url', server.signal, '--room', runtime]
    const watching = startPeer(t, 'node', ['watch', '--json', ...room])
    const stream = ['--stdin', '--rate', '20', '--channels', '3', '--labels', 'a,b,c', '--unit', 'µV', '--type', 'EMG']
    const publishing = startPeer(t, runtime, ['publish', ...stream, ...room, '--wait-for', '1', '--name', 'Pi'])
    publishing.write('1,2,3\n4 5\t6\n7,8\nnone,0,0\n')
    await publishing.prints(/Line 4 is left out: "none" is no float32\n/)
    t.match(publishing.output.stderr, 'Line 3 is left out: it has 2 values and not 3\n')
    await watching.prints(/"samples":2/)
    const { people } = newest(watching)
    const µV = (label: string) => ({ label, unit: 'µV' })
    const described = {
      name: 'EMG',
      type: 'EMG',
      format: 'float32',
      nominalRate: 20,
      channels: ['a', 'b', 'c'].map(µV),
    }
    t.match(people, [{ name: 'Pi', state: 'connected', relayed: false, streams: [{ ...described, missed: 0 }] }])
    publishing.write('\n-1,-2,-3')
    publishing.end()
    const told = '2 lines could not be used. All others were published\n'
    t.match(await publishing.ended, { code: 1, stdout: '3 samples published\n', stderr: told })
    watching.kill('SIGTERM')
    t.match(await watching.ended, { code: 0 })
  })
}

t.test('publish sends msgpack messages, and stops at one that is no msgpack', async (t) => {
  const room = ['--url', server.signal, '--room', 'msgpack']
  const watching = startPeer(t, 'node', ['watch', ...room])
  const stream = ['--stdin', '--input', 'msgpack', '--format', 'int16', '--channels', '2']
  const publishing = startPeer(t, 'node', ['publish', ...stream, ...room, '--wait-for', '1'])
  const whole = encode([1, 2])
  publishing.write(whole.slice(0, 2))
  await publishing.prints(/watch is here/)
  publishing.write(whole.slice(2))
  publishing.write(encode([3, 4, 5, 6]))
  publishing.write(encode({ not: 'samples' }))
  await publishing.prints(/Message 3 is left out: it is no array\n/)
  await watching.prints(/publish \(connected, .*\): Stream 2 × int16, irregular, now .* Hz, 3 samples, 0 missed\n/)
  publishing.write(Uint8Array.of(0xc1))
  const told = 'Cannot read on: message 4 is no msgpack'
  t.match(await publishing.ended, { code: 1, stdout: '3 samples published\n', stderr: told })
})

t.test('publish sends text lines, and sends all of them before it ends', async (t) => {
  const room = ['--url', server.signal, '--room', 'texts']
  const watching = startPeer(t, 'node', ['watch', '--json', ...room])
  const publishing = startPeer(t, 'node', ['publish', '--stdin', '--format', 'string', ...room, '--wait-for', '1'])
  await publishing.prints(/watch is here/)
  publishing.write('eyes open\neyes, closed\n')
  await watching.prints(/"format":"string".*"samples":2/)
  publishing.end()
  t.match(await publishing.ended, { code: 0, stdout: '2 samples published\n' })
})

t.test('publish sends all samples before Ctrl-C ends it', async (t) => {
  const room = ['--url', server.signal, '--room', 'stopped']
  const watching = startPeer(t, 'node', ['watch', '--json', ...room])
  const publishing = startPeer(t, 'node', ['publish', '--stdin', ...room, '--wait-for', '1'])
  await publishing.prints(/watch is here/)
  publishing.write('1\n2\n')
  await watching.prints(/"samples":2/)
  publishing.kill('SIGINT')
  // npx also forwards a signal that the terminal has already sent to the program. The system may merge two
  // signals of one kind, so the second one here is SIGTERM.
  publishing.kill('SIGTERM')
  t.match(await publishing.ended, { code: 0, stdout: '2 samples published\n' })
})
