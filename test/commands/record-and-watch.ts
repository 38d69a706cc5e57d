import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import t from 'tap'
import { command as publish } from '../../src/commands/publish.ts'
import { command as record } from '../../src/commands/record.ts'
import { type Command, helpTextOf } from '../../src/commands/shared/command.ts'
import { command as watch } from '../../src/commands/watch.ts'
import { parseXdf } from '../../src/streams/mod.ts'
import { commands, root, run, startServer } from '../fixture/server.ts'
import { until } from '../fixture/until.ts'
import { peerCommands, startPeer } from './fixture/peer-program.ts'

// The tests can run in parallel: each has its own room, and mostly waits.
t.jobs = 2
const server = await startServer(commands.bun)
t.teardown(() => server.stop())
const folder = t.testdir({})

t.test('record overwrites no file without --force, and a full disk ends it with 1', async (t) => {
  const room = ['--url', server.signal, '--room', 'full']
  const old = `${folder}/old.xdf`
  writeFileSync(old, 'old')
  const told = `Cannot write ${old}: it is there already: choose another name, or add --force\n`
  t.match(await run(commands.node, ['record', ...room, '--out', old]), { code: 1, stdout: '', stderr: told })
  t.equal(readFileSync(old, 'utf8'), 'old')
  if (!existsSync('/dev/full')) return
  const full = `${folder}/full.xdf`
  symlinkSync('/dev/full', full)
  const recording = startPeer(t, 'node', ['record', ...room, '--out', full, '--force'])
  await recording.prints(/In the room full/)
  const publishing = startPeer(t, 'node', ['publish', '--stdin', ...room, '--wait-for', '1'])
  publishing.write('1\n')
  t.match(await recording.ended, { code: 1, stderr: ': the disk is full\n' })
})

t.test('publish and record lose no sample when the server restarts', async (t) => {
  const first = await startServer(commands.bun)
  const port = new URL(first.url).port
  const room = ['--url', first.signal, '--room', 'gone']
  const out = `${folder}/gone.xdf`
  const recording = startPeer(t, 'node', ['record', ...room, '--out', out])
  const stream = ['--stdin', '--format', 'int32', '--rate', '100', '--name', 'Pi']
  const publishing = startPeer(t, 'node', ['publish', ...stream, ...room, '--wait-for', '1'])
  // The server announces the recorder before the recorder has the answer.
  await Promise.all([publishing.prints(/record is here/), recording.prints(/In the room gone/)])
  let given = 0
  const timer = setInterval(() => publishing.write(`${given++}\n`), 10)
  t.teardown(() => clearInterval(timer))
  await first.stop('SIGKILL')
  await Promise.all(
    [recording, publishing].map((peer) =>
      peer.prints(/The connection to the server is lost \(.+\): trying again in \d+\.\d s\n/),
    ),
  )
  const second = await startServer(commands.bun, ['--port', port])
  t.teardown(() => second.stop())
  await Promise.all([recording, publishing].map((peer) => peer.prints(/Connected again/)))
  const before = given
  await until(() => given >= before + 50)
  clearInterval(timer)
  publishing.end()
  t.match(await publishing.ended, { code: 0, stdout: `${given} samples published\n` })
  await recording.prints(/Pi left/)
  recording.kill('SIGINT')
  t.match(await recording.ended, { code: 0, stdout: new RegExp(` ${given} samples in .* 0 missed`) })
  const streams = [...parseXdf(readFileSync(out)).streams.values()]
  t.strictSame(
    streams.flatMap(({ data }) => [...(data as Int32Array)]),
    Array.from({ length: given }, (_, i) => i),
  )
})

t.test('wrong arguments, files and servers are reported with the reason', async (t) => {
  const usage: [Command, string[], string][] = [
    [record, [], '--out is missing: name the file to write'],
    [record, ['--out', 'x.xdf', '--seconds', '0'], '--seconds must be in 0..2147483: it is 0'],
    [watch, ['lab'], 'lab is one argument too many'],
    [watch, ['--room', ''], 'Cannot join a room: --room is empty'],
    [publish, [], 'FILE is missing'],
    [publish, ['x.csv', '--rate', '5'], 'Cannot use --rate without --stdin'],
    [publish, ['--stdin', '--loop'], 'Cannot use --loop with --stdin'],
    [publish, ['--stdin', '--speed', '2'], 'Cannot use --speed with --stdin'],
    [publish, ['--stdin', '--channels', '2', '--labels', 'a'], '--labels must name 2 channels: it names 1'],
    [publish, ['--stdin', '--format', 'float'], '--format must be one of float32, float64, int8'],
    [publish, ['--stdin', '--channels', '1.5'], '--channels must be in 1..4096: it is 1.5'],
    [publish, ['x.csv', '--speed', '0'], '--speed must be more than 0 and at most 1000: it is 0'],
    [publish, ['x.csv', '--wait-for', ''], '--wait-for must be in 0..1024: it is '],
  ]
  for (const [command, args, message] of usage) {
    await t.rejects(command.run(args), { name: 'UsageError', message }, args.join(' '))
  }
  const none = `${folder}/none.xdf`
  const message = `Cannot read ${none}: there is no such file or folder`
  await t.rejects(publish.run([none]), { name: 'FileError', message })
  const empty = `${folder}/empty.xdf`
  writeFileSync(empty, '')
  await t.rejects(publish.run([empty]), { name: 'Failure', message: `Cannot replay ${empty}: it is empty` })
  for (const command of [publish, record, watch]) t.match(helpTextOf(command), '-P=peer')
  // The same, printed by the program.
  t.match(await run(commands.node, ['watch', 'lab']), { code: 2, stdout: '', stderr: 'many\nTry watch --help\n' })
  t.match(await run(commands.node, ['record', '--help']), { code: 0, stdout: 'Usage: mod.ts record' })
  const away = 'ws://localhost:1/signal'
  const unreachable = { code: 1, stdout: '', stderr: `Cannot reach the server at ${away}\n` }
  t.match(await run(commands.node, ['watch', '--url', away]), unreachable)
})

t.test('the environment variable TOKEN identifies the user', async (t) => {
  // An open server takes the token as the user's auth, which restricted rooms name.
  const owner = startPeer(t, 'deno', ['watch', '--url', server.signal, '--room', 'mine'], { env: { TOKEN: 'ada' } })
  await owner.prints(/In the room mine/)
  owner.kill('SIGINT')
  t.match(await owner.ended, { code: 0 })
})

t.test('without @roamhq/wrtc, the program says how to install it', async (t) => {
  // A copy of the program with all packages except @roamhq/wrtc. The copy is outside the project: within it, Node
  // would find the project's packages.
  const home = mkdtempSync(`${tmpdir()}/datastreams-webrtc-`)
  t.teardown(() => rmSync(home, { recursive: true }))
  mkdirSync(`${home}/node_modules/@roamhq`, { recursive: true })
  for (const name of ['mod.ts', 'package.json']) writeFileSync(`${home}/${name}`, readFileSync(`${root}${name}`))
  cpSync(`${root}src`, `${home}/src`, { recursive: true })
  for (const name of readdirSync(`${root}node_modules`)) {
    if (name !== '@roamhq' && !name.startsWith('.'))
      symlinkSync(`${root}node_modules/${name}`, `${home}/node_modules/${name}`)
  }
  const watching = startPeer(t, 'node', ['watch', '--url', server.signal], { cwd: home })
  const told = 'Cannot use WebRTC: the package @roamhq/wrtc cannot be loaded: Cannot find package'
  t.match(await watching.ended, { code: 1, stdout: '', stderr: told })
  t.match(watching.output.stderr, 'npm install @roamhq/wrtc\n')
  t.notMatch(watching.output.stderr, ' at ', 'no stack is printed')
  // Deno has the package, but no permission to load it.
  const [deno, ...words] = peerCommands.deno as [string, ...string[]]
  const narrow = words.map((word) => (word === '-P=peer' ? '--allow-net' : word))
  t.match(await run([deno, ...narrow], ['watch', '--url', server.signal]), {
    code: 1,
    stderr: 'deno run -P=peer mod.ts',
  })
})
