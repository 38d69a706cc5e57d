import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseXdf } from '../../src/streams/mod.ts'
import { commands, type RuntimeName } from '../fixture/server.ts'
import { serverAndBrowser } from '../fixture/server-and-browser.ts'
import { enter, hears, logs, person } from '../peer/fixture/in-page.ts'
import { startPeer } from './fixture/peer-program.ts'

// The tests can run in parallel: each has its own room, and mostly waits.
t.jobs = 2
const { server, browser } = await serverAndBrowser(t)
const folder = t.testdir({})

for (const runtime of Object.keys(commands) as RuntimeName[]) {
  t.test(`a browser and a peer on ${runtime} exchange streams`, async (t) => {
    const room = ['--url', server.signal, '--room', runtime]
    const out = `${folder}/${runtime}.xdf`
    const { page, complaints } = await person(t, browser, server.url, 'Ada')
    await enter(page, runtime)
    const recording = startPeer(t, runtime, ['record', ...room, '--out', out])
    const stream = ['--channels', '2', '--labels', 'left,right', '--type', 'EMG', '--format', 'int32', '--rate', '100']
    const publishing = startPeer(t, runtime, ['publish', '--stdin', ...stream, ...room, '--wait-for', '2'])
    await logs(page, 'connect record')
    await logs(page, 'stream EMG')
    // From the peer to the browser.
    const rows = Array.from({ length: 500 }, (_, i) => [i, -i])
    for (let at = 0; at < 500; at += 50) {
      publishing.write(
        rows
          .slice(at, at + 50)
          .map((row) => `${row.join(',')}\n`)
          .join(''),
      )
    }
    t.strictSame(
      (await hears(page, 'right', 500))?.values,
      rows.map(([, right]) => right),
    )
    t.strictSame(
      (await hears(page, 'left', 500))?.values,
      rows.map(([left]) => left),
    )
    // From the browser to the peer.
    await page.evaluate(async () => {
      const publication = here.room.publish({ name: 'Heart', format: 'int16', nominalRate: 50 })
      for (let i = 0; i < 200; i++) publication.push([i])
      publication.stop()
      await publication.delivered()
      here.log.push('delivered')
    })
    await logs(page, 'delivered')
    publishing.end()
    t.match(await publishing.ended, { code: 0, stdout: '500 samples published\n' })
    await logs(page, 'streamend EMG')
    await recording.prints(/publish left/)
    recording.kill('SIGINT')
    t.match(await recording.ended, { code: 0, stdout: '2 streams, 700 samples' })
    const streams = [...parseXdf(readFileSync(out)).streams.values()]
    const heard = streams.map(({ description, data }): [string, unknown[]] => [description.name, [...data]])
    t.strictSame(
      new Map(heard),
      new Map<string, unknown[]>([
        ['EMG', rows.flat()],
        ['Heart', Array.from({ length: 200 }, (_, i) => i)],
      ]),
    )
    t.strictSame(complaints, [])
  })
}
