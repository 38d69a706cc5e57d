import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { decodeFrame } from '../../../mod.ts'
import { commands, startServer } from '../../fixture/server.ts'
import { serverAndBrowser } from '../../fixture/server-and-browser.ts'
import { until } from '../../fixture/until.ts'
import { enter, hears, logs, pairIn, person } from '../fixture/in-page.ts'
import { holdTimers, moveClock } from '../fixture/page-clock.ts'

t.setTimeout(600_000)
// The tests mostly wait, and each has its own room.
t.jobs = 2
const { server, browser } = await serverAndBrowser(t)

/** Logs events of the links and their streams, in addition to what `enter` logs. */
const follow = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { log, room } = here
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    const followPeer = (peer: any) => {
      // biome-ignore lint/suspicious/noExplicitAny: as above
      peer.addEventListener('recovering', ({ detail }: any) => log.push(`recovering ${detail.step}`))
      peer.addEventListener('recovered', () => log.push('recovered'))
      // biome-ignore lint/suspicious/noExplicitAny: as above
      peer.addEventListener('resumed', ({ detail }: any) => log.push(`resumed ${detail.name}`))
      // biome-ignore lint/suspicious/noExplicitAny: as above
      peer.addEventListener('stream', ({ detail: stream }: any) => {
        stream.addEventListener('close', () => log.push('stream close'))
        stream.addEventListener('recovered', () => log.push('stream recovered'))
        // biome-ignore lint/suspicious/noExplicitAny: as above
        stream.addEventListener('gap', ({ detail }: any) => log.push(`gap ${detail.cause} ${detail.missed}`))
      })
    }
    for (const peer of room.peers.values()) followPeer(peer)
    // biome-ignore lint/suspicious/noExplicitAny: as above
    room.addEventListener('peer', ({ detail }: any) => followPeer(detail))
  })

const publish = (page: Page, options: object = {}): Promise<void> =>
  page.evaluate((options) => {
    const publication = here.room.publish({ name: 'ramp', format: 'int32' }, options)
    let next = 0
    const timer = setInterval(() => publication.push(Int32Array.from({ length: 5 }, () => next++)), 20)
    Object.assign(globalThis, {
      stop: () => {
        clearInterval(timer)
        publication.stop()
        return next
      },
    })
  }, options)

// biome-ignore lint/suspicious/noExplicitAny: set in the page above
const stop = (page: Page): Promise<number> => page.evaluate(() => (globalThis as any).stop())

async function pair(t: Test, room: string, url: string = server.url, options: object = {}) {
  const { ada, bob } = await pairIn(t, [browser, browser], url, room)
  await Promise.all([follow(ada.page), follow(bob.page)])
  await publish(ada.page, options)
  await hears(bob.page, 'ramp', 100)
  return { ada, bob }
}

const count = (page: Page, line: string): Promise<number> =>
  page.evaluate((line) => here.log.filter((logged) => logged === line).length, line)

/** Counts signals of this type that a page receives on connections that it opens from now on. */
function signalsTo(page: Page, type: string): { count: number } {
  const signals = { count: 0 }
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      const [, , body] = typeof payload === 'string' ? [] : decodeFrame(Uint8Array.from(payload))
      if ((body as { type?: unknown } | null | undefined)?.type === type) signals.count++
    })
  })
  return signals
}

const kill = (page: Page): Promise<void> => page.evaluate(() => here.connections.at(-1)?.close())

t.test('a stream whose link is killed ten times loses no samples', async (t) => {
  const { ada, bob } = await pair(t, 'killed')
  for (let round = 1; round <= 10; round++) {
    // Close one side, the other side, then both. A peer learns it from the other side or detects it itself.
    if (round % 3 !== 1) await kill(ada.page)
    if (round % 3 !== 2) await kill(bob.page)
    await Promise.all([logs(ada.page, 'recovered', round), logs(bob.page, 'recovered', round)])
    await logs(bob.page, 'stream recovered', round)
    const { values } = await hears(bob.page, 'ramp', 0)
    await hears(bob.page, 'ramp', values.length + 100)
    // A link that lasts 2 s counts as stable, which resets the backoff.
    await Promise.all([moveClock(ada.page, 2), moveClock(bob.page, 2)])
  }
  const made = await stop(ada.page)
  await logs(bob.page, 'streamend ramp')
  const { values } = await hears(bob.page, 'ramp', made)
  t.strictSame(
    values,
    Array.from({ length: made }, (_, i) => i),
  )
  for (const { page, complaints } of [ada, bob]) {
    t.strictSame(complaints, [])
    t.equal(await page.evaluate(() => here.open), 1)
    t.equal(await page.evaluate(() => [...here.room.peers.values()][0].state), 'connected')
  }
  t.equal(await count(bob.page, 'stream ramp'), 1)
})

t.test('a stream that was published and stopped while the receiver was offline still arrives', async (t) => {
  const { ada, bob } = await pair(t, 'away')
  await bob.page.evaluate(() => here.session.interrupt(2))
  await logs(ada.page, 'recovering rebuild')
  const made = await stop(ada.page)
  await ada.page.evaluate(() => {
    const publication = here.room.publish({ name: 'short', format: 'int8' })
    publication.push([1, 2, 3])
    publication.stop()
  })
  await logs(bob.page, 'streamend ramp')
  await logs(bob.page, 'streamend short')
  t.equal((await hears(bob.page, 'ramp', made)).values.length, made)
  t.strictSame((await hears(bob.page, 'short', 3)).values, [1, 2, 3])
  t.strictSame([...ada.complaints, ...bob.complaints], [])
})

t.test('video continues on a new link', async (t) => {
  const { ada, bob } = await pair(t, 'pictures')
  await ada.page.evaluate(() => {
    const canvas = document.createElement('canvas')
    const context = canvas.getContext('2d') as CanvasRenderingContext2D
    setInterval(() => context.fillRect(Math.random() * 300, Math.random() * 150, 9, 9), 50)
    here.room.publish(canvas.captureStream(20), { name: 'camera' })
  })
  await logs(bob.page, 'stream camera')
  await bob.page.evaluate(() => {
    const [peer] = [...here.room.peers.values()]
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    const camera: any = [...peer.streams.values()].find(({ name }: any) => name === 'camera')
    for (const type of ['addmedia', 'removemedia']) camera.addEventListener(type, () => here.log.push(type))
    const video = document.createElement('video')
    video.muted = true
    Object.assign(globalThis, { camera, video })
  })
  const isLive = () => {
    // biome-ignore lint/suspicious/noExplicitAny: set in the page above
    const { camera, video } = globalThis as any
    if (camera.getVideoTracks().length === 0) return false
    if (video.srcObject !== camera.mediaStream) {
      video.srcObject = camera.mediaStream
      void video.play()
    }
    return video.readyState >= 2
  }
  await bob.page.waitForFunction(isLive)
  await kill(bob.page)
  await logs(bob.page, 'recovered')
  await logs(bob.page, 'removemedia')
  await bob.page.waitForFunction(isLive)
  t.equal(await count(bob.page, 'stream camera'), 1)
  t.strictSame([...ada.complaints, ...bob.complaints], [])
})

t.test('after a reload of the publisher’s page its device continues the same stream', async (t) => {
  const { ada, bob } = await pair(t, 'reload', server.url, { sourceId: 'cap 7', nominalRate: 1_000, timeUnit: 's' })
  const again = await person(t, browser, server.url, 'Ada')
  // Hold the 10 s that streams wait for their device; test/peer/receive/departed-streams.ts tests that timeout.
  await holdTimers(bob.page, 10_000)
  await ada.page.close()
  await logs(bob.page, 'peerleave Ada')
  await enter(again.page, 'reload')
  // Move the clock, so that the gap is a second long even if the new page is faster.
  await moveClock(again.page, 1)
  await publish(again.page, { sourceId: 'cap 7', nominalRate: 1_000, timeUnit: 's' })
  await logs(bob.page, 'resumed ramp')
  const before = (await hears(bob.page, 'ramp', 0)).values.length
  await hears(bob.page, 'ramp', before + 100)
  const log = await bob.page.evaluate(() => here.log)
  t.equal(log.filter((line) => line === 'stream ramp').length, 1)
  t.notOk(log.includes('stream close'))
  const [gap, ...others] = log.filter((line) => line.startsWith('gap '))
  t.strictSame(others, [])
  t.ok(Number(/^gap restart (\d+)$/.exec(gap ?? '')?.[1]) > 900, String(gap))
  await stop(again.page)
  await logs(bob.page, 'stream close')
  t.strictSame(bob.complaints, [])
})

t.test('links survive a restart of the server', async (t) => {
  const first = await startServer(commands.bun)
  const { port } = new URL(first.url)
  const { ada, bob } = await pair(t, 'restarted', first.url)
  // Read the ids before the restart. The new server assigns new ids, perhaps before the test can look.
  const known = await Promise.all(
    [ada, bob].map(({ page }) => page.evaluate(() => [...here.room.peers.keys()][0] as number)),
  )
  // A page prepares a connection for each join, so it may have made more connections than links.
  const connections = await Promise.all([ada, bob].map(({ page }) => page.evaluate(() => here.made)))
  const kept = [ada, bob].map(({ page }) => signalsTo(page, 'kept'))
  // Hold the timeouts too, for the server to announce the peer again and for that peer to prove its link.
  for (const { page } of [ada, bob]) for (const ms of [15_000, 30_000]) await holdTimers(page, ms)
  await first.stop()
  const second = await startServer(commands.bun, ['--port', port])
  t.teardown(() => second.stop())
  const isNew = (known: number) => ![...here.room.peers.keys()].includes(known)
  await Promise.all([ada, bob].map(({ page }, i) => page.waitForFunction(isNew, known[i] as number)))
  // Each peer received the other's `kept` signal. The samples below show that both kept the link.
  await until(
    () => kept.every(({ count }) => count === 1),
    () => kept,
  )
  const { values } = await hears(bob.page, 'ramp', 0)
  await hears(bob.page, 'ramp', values.length + 100)
  const made = await stop(ada.page)
  await logs(bob.page, 'streamend ramp')
  t.equal((await hears(bob.page, 'ramp', made)).values.length, made)
  for (const [i, { page, complaints }] of [ada, bob].entries()) {
    t.strictSame(complaints, [])
    t.equal(await page.evaluate(() => here.made), connections[i], 'the page still uses its first link')
    const log = await page.evaluate(() => here.log)
    t.strictSame(
      log.filter((line) => /^(peerleave|recover)/.test(line)),
      [],
    )
  }
})

t.end()
