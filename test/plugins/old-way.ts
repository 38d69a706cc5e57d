import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { openPage } from '../fixture/chromium.ts'
import { root } from '../fixture/server.ts'
import { serverAndBrowser } from '../fixture/server-and-browser.ts'
import { enter, hears, logs, type Person, person } from '../peer/fixture/in-page.ts'

/** A page with datastreams-api 0.0.18 and its own, unchanged WebRTC client. */
interface OldPage {
  // biome-ignore lint/suspicious/noExplicitAny: the package has no types for it
  pipe: any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  tracks: any[]
  /** Received values, by the label of their channel. */
  heard: Record<string, unknown[]>
}

declare global {
  var old: OldPage
}

t.setTimeout(600_000)
t.jobs = 4
const { server, browser } = await serverAndBrowser(t)

/** Modules that the package imports but does not contain. */
const shims: Record<string, string> = {
  uuid: 'export const v4 = () => crypto.randomUUID()',
  tslib: `export const __awaiter = (self, args, P, body) => new Promise((resolve, reject) => {
    const steps = body.apply(self, args ?? [])
    const go = (how, value) => {
      try {
        const { done, value: next } = steps[how](value)
        if (done) resolve(next)
        else Promise.resolve(next).then((value) => go('next', value), (error) => go('throw', error))
      } catch (error) { reject(error) }
    }
    go('next')
  })`,
}

/** @param hints the contentHints of the tracks that the page shares */
async function oldPage(t: Test, room: string, hints: string[]): Promise<Page> {
  const page = await openPage(t, browser, server.url)
  await page.route('**/old/**', async (route) => {
    const path = new URL(route.request().url()).pathname.slice('/old/'.length)
    const folder = `${root}node_modules/datastreams-api/dist/src/`
    const code = shims[path.replace('.js', '')] ?? (await readFile(folder + path, 'utf8'))
    const body = code.replace(/from (["'])([^"']+)\1/g, (_, quote, name) =>
      name.startsWith('.') ? `from ${quote}${name}.js${quote}` : `from ${quote}/old/${name}.js${quote}`,
    )
    await route.fulfill({ body, contentType: 'text/javascript' })
  })
  await page.evaluate(
    async ([module, api, room, hints]) => {
      const { PeerPipe } = await import(module as string)
      const { DataStream, DataStreamTrack } = await import(api as string)
      const source = new DataStream()
      const device = { id: 'muse', constraints: { kind: 'eeg', label: 'Muse' } }
      const tracks = (hints as string[]).map((hint) => source.addTrack(new DataStreamTrack(device, undefined, hint)))
      // The package's own socket sends descriptions as `{"toJSON": "function …"}`. This one sends the same messages.
      const ws = new WebSocket(location.origin.replace('http', 'ws'), 'auth.brainsatplay.com%old')
      await new Promise((resolve) => ws.addEventListener('open', resolve))
      const callbacks = new Map<string, (data: unknown) => void>()
      const socket = {
        onmessage(_: unknown) {},
        addEventListener() {},
        send: (data: unknown, service: string) =>
          new Promise((resolve) => {
            const callbackId = crypto.randomUUID()
            callbacks.set(callbackId, resolve)
            ws.send(JSON.stringify({ data, callbackId, service }))
          }),
      }
      ws.addEventListener('message', ({ data }) => {
        const message = JSON.parse(data)
        callbacks.get(message.callbackId)?.(message.data)
        const told = message.callbackId === undefined ? message : message.data
        if (told) socket.onmessage(told)
      })
      const pipe = new PeerPipe({ socket, source })
      globalThis.old = { pipe, tracks, heard: {} }
      pipe.ondatachannel = ({ detail: channel }: CustomEvent) => {
        const values: unknown[] = []
        globalThis.old.heard[channel.label] = values
        channel.subscribe((more: unknown[]) => values.push(...more))
      }
      const find = async () => (await pipe.getRooms()).find(({ name }: { name: string }) => name === room)
      await pipe.joinRoom({ uuid: (await find()).uuid }, { name: 'Old' })
      setInterval(() => {
        for (const [i, track] of tracks.entries()) track.addData([i + 0.5, i + 0.25])
      }, 100)
    },
    ['/old/frontend/pipes/Peer.pipe.js', '/test/datastreams-api.js', room, hints] as const,
  )
  return page
}

/** Opens a page with the companion in a room. It publishes two channels, a text and an integer. */
async function companion(t: Test, room: string): Promise<Person> {
  const { page, complaints } = await person(t, browser, server.url, 'Ada', { legacy: true })
  await enter(page, room)
  await page.evaluate(() => {
    const channels = ['TP9', 'AF7'].map((label) => ({ label, unit: 'µV', type: 'EEG' }))
    const eeg = here.room.publish({ name: 'EEG', nominalRate: 20, format: 'float32', channels })
    const notes = here.room.publish({ name: 'Notes', format: 'string' }, { delivery: 'latest' })
    const beats = here.room.publish({ name: 'Beats', format: 'int64' })
    setInterval(() => {
      eeg.push([1.5, 2.5, 1.5, 2.5])
      notes.push(['open'])
      beats.push([7n])
    }, 100)
    Object.assign(here, { eeg })
  })
  return { page, complaints }
}

/** Checks that the old page receives every channel of the companion. */
async function hearsAll(t: Test, page: Page): Promise<void> {
  await page.waitForFunction(() =>
    ['TP9', 'AF7', 'Notes', 'Beats'].every((label) => (globalThis.old.heard[label]?.length ?? 0) > 3),
  )
  const heard = await page.evaluate(() => globalThis.old.heard)
  for (const [label, value] of Object.entries({ TP9: 1.5, AF7: 2.5, Notes: 'open', Beats: 7 })) {
    t.same(new Set(heard[label]), new Set([value]), label)
  }
}

/** Creates a room for pages that join it later. */
const roomFor = (page: Page, name: string): Promise<void> =>
  page.evaluate(async (name) => void (await (await here.session.join(name, { create: true })).leave()), name)

t.test('an old page with tracks that joins first exchanges samples', async (t) => {
  const { page } = await person(t, browser, server.url, 'Maker')
  await roomFor(page, 'first')
  const old = await oldPage(t, 'first', ['TP9', 'AF7'])
  const { page: ada, complaints } = await companion(t, 'first')
  for (const [i, label] of ['DataStreamTrack0', 'DataStreamTrack1'].entries()) {
    const { values, timestamps } = (await hears(ada, label, 4)) ?? { values: [], timestamps: [] }
    t.same(values.slice(0, 4), [i + 0.5, i + 0.25, i + 0.5, i + 0.25])
    t.ok(
      timestamps.every((stamp) => Math.abs(stamp - Date.now() / 1_000) < 100),
      'timestamps are the times of arrival',
    )
  }
  await hearsAll(t, old)
  t.match(await ada.evaluate(() => [...here.room.peers.values()].map(({ state, info }) => [state, info.name])), [
    ['connected', 'Old'],
  ])
  await ada.evaluate(() => (here as unknown as { eeg: { stop(): void } }).eeg.stop())
  t.equal(
    await ada.evaluate(async () => {
      await (here as unknown as { eeg: { delivered(): Promise<void> } }).eeg.delivered()
      return 'delivered'
    }),
    'delivered',
  )
  await old.close()
  await logs(ada, 'peerleave Old')
  await logs(ada, 'streamend DataStreamTrack0')
  await ada.waitForFunction(() => here.open === 0)
  t.same(complaints, [])
})

t.test('an old page with tracks that joins second exchanges samples', async (t) => {
  const { page: ada, complaints } = await companion(t, 'second')
  const old = await oldPage(t, 'second', ['TP9'])
  await hears(ada, 'DataStreamTrack0', 4)
  await hearsAll(t, old)
  t.same(complaints, [])
})

t.test('an old page without tracks that joins first receives samples', async (t) => {
  const { page } = await person(t, browser, server.url, 'Maker')
  await roomFor(page, 'looks first')
  const old = await oldPage(t, 'looks first', [])
  const { complaints } = await companion(t, 'looks first')
  await hearsAll(t, old)
  t.same(complaints, [])
})

t.test('an old page without tracks that joins second receives samples', async (t) => {
  const { complaints } = await companion(t, 'looks second')
  await hearsAll(t, await oldPage(t, 'looks second', []))
  t.same(complaints, [])
})

t.test('without legacyClients an old page is a peer that never connects, and nobody else is affected', async (t) => {
  const [ada, bob] = await Promise.all(['Ada', 'Bob'].map((name) => person(t, browser, server.url, name)))
  if (ada === undefined || bob === undefined) throw new Error('Not connected')
  await enter(ada.page, 'modern')
  await oldPage(t, 'modern', ['TP9'])
  await logs(ada.page, 'peer Old')
  await ada.page.waitForFunction(() => {
    const old = [...here.room.peers.values()].find(({ info }) => info.name === 'Old')
    return old.ignored > 0
  })
  await enter(bob.page, 'modern')
  for (const [{ page }, name] of [
    [ada, 'Bob'],
    [bob, 'Ada'],
  ] as const)
    await logs(page, `connect ${name}`)
  await ada.page.evaluate(() => {
    const publication = here.room.publish({ name: 'EEG', format: 'int32' })
    publication.push([1, 2, 3])
  })
  t.strictSame((await hears(bob.page, 'EEG', 3))?.values, [1, 2, 3])
  const peers = await ada.page.evaluate(() =>
    [...here.room.peers.values()].map(({ info, state }) => [info.name, state]),
  )
  const states = Object.fromEntries(peers)
  t.equal(states.Bob, 'connected')
  // A link that is late also has the state `recovering`.
  t.not(states.Old, undefined)
  t.not(states.Old, 'connected')
  t.strictSame([...ada.complaints, ...bob.complaints], [])
})
