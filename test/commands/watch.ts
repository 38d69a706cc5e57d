/** Tests that commands show who a peer is, on a server that requires tokens. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { linesOf } from '../../src/commands/room-view.ts'
import { labelOf } from '../../src/commands/shared/in-room.ts'
import { parseXdf } from '../../src/streams/mod.ts'
import { commands, startServer } from '../fixture/server.ts'
import { secret, signed } from '../fixture/tokens.ts'
import { startPeer } from './fixture/peer-program.ts'

t.test('watch and record show who a peer is by its token', async (t) => {
  const server = await startServer(commands.bun, ['--port', '0', '--jwt-secret', secret])
  t.teardown(() => server.stop())
  const room = ['--url', server.signal, '--room', 'lab']
  const envOf = async (claims: object) => ({ env: { TOKEN: await signed({ ...claims }) } })
  const out = `${t.testdir({})}/lab.xdf`
  const watching = startPeer(t, 'node', ['watch', ...room], await envOf({ sub: 'watcher' }))
  const json = startPeer(t, 'node', ['watch', '--json', ...room], await envOf({ sub: 'json' }))
  const recording = startPeer(t, 'node', ['record', '--out', out, ...room], await envOf({ sub: 'rec' }))
  await recording.prints(/In the room lab/)
  // The token of "ada" has a name, and Eve calls herself like her.
  const input = ['publish', '--stdin', '--format', 'int16', ...room, '--wait-for', '3', '--name']
  const ada = startPeer(t, 'node', [...input, 'whatever'], await envOf({ sub: 'ada', name: 'Ada L.' }))
  const eve = startPeer(t, 'node', [...input, '✓ ada: Ada L.'], await envOf({ sub: 'eve' }))
  for (const publishing of [ada, eve]) publishing.write('1\n2\n')
  await watching.prints(/^✓ ada: Ada L\. \(connected, .*2 samples, 0 missed$/m)
  await watching.prints(/^✓ eve: ✓ ada: Ada L\. \(connected, .*2 samples, 0 missed$/m)
  await watching.prints(/^✓ ada: Ada L\. is here$/m)
  t.notMatch(watching.output.stdout + watching.output.stderr, /^(?!✓ eve: )✓ ada: ✓/m)
  await json.prints(/"name":"Ada L\.","identity":{"auth":"ada","name":"Ada L\."}.*"samples":2/)
  await json.prints(/"name":"✓ ada: Ada L\.","identity":{"auth":"eve"}.*"samples":2/)
  for (const publishing of [ada, eve]) publishing.end()
  for (const publishing of [ada, eve]) t.match(await publishing.ended, { code: 0 })
  for (const program of [watching, json, recording]) program.kill('SIGINT')
  for (const program of [watching, json, recording]) t.match(await program.ended, { code: 0 })
  const streams = [...parseXdf(readFileSync(out)).streams.values()]
  t.strictSame(
    new Map(streams.map(({ origin: { publisher, hostname } }) => [publisher?.auth, [publisher?.name, hostname]])),
    new Map<string | undefined, unknown>([
      ['ada', ['Ada L.', 'Ada L.']],
      ['eve', [undefined, '✓ ada: Ada L.']],
    ]),
  )
})

t.test('a name cannot imitate the mark of a verified peer', async (t) => {
  const mark = '✓ ada: Ada'
  for (const name of [
    mark,
    ` ${mark}`,
    `\n${mark}`,
    `\u2028${mark}`,
    `\r${mark}`,
    `\u202e${mark}`,
    `${'x'.repeat(80)}${mark}`,
  ]) {
    const peer = { id: 7, info: { name, verified: true, auth: 'ada', identity: { auth: 'ada' } }, identity: undefined }
    const label = labelOf(peer)
    t.match(label, /^- /)
    t.notMatch(label, /[\n\r\u2028\u202e]/)
    t.ok(label.length <= 66)
    const person = { ...peer, name, state: 'connected', roundTrip: null, relayed: null, clock: null, streams: [] }
    const [, line] = linesOf({ room: 'lab', time: 0, people: [{ ...person, identity: null }] })
    t.match(line, /^- /)
  }
  t.equal(labelOf({ id: 7, info: { name: 'Ada' }, identity: { auth: 'ad\na' } }), '✓ ad\\x0aa: Ada')
  t.equal(labelOf({ id: 7, info: {}, identity: undefined }), '- 7')
})
