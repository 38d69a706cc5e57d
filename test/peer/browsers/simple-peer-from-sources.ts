import t from 'tap'
import { serverAndBrowser } from '../../fixture/server-and-browser.ts'
import { hears, logs, meet, person } from '../fixture/in-page.ts'
import { simplePeerFromSources } from '../fixture/simple-peer-from-sources.ts'

t.setTimeout(600_000)
const { server, browser } = await serverAndBrowser(t)

t.test('simple-peer as in the package exchanges samples and media with the prebuilt file', async (t) => {
  const path = '/libraries/simple-peer.js'
  const ada = await person(t, browser, server.url, 'Ada', {}, '/signal', { [path]: simplePeerFromSources() })
  const bob = await person(t, browser, server.url, 'Bob', {}, '/signal', {})
  const pages = [ada.page, bob.page]
  const [sources, built] = await Promise.all(
    pages.map((page) => page.evaluate(async (path) => (await (await fetch(path)).text()).includes('Duplex {'), path)),
  )
  t.strictSame([sources, built], [true, false], 'Ada uses the sources, Bob the prebuilt file')
  await meet(ada.page, bob.page, 'sources')
  for (const page of pages) {
    await page.evaluate(() => {
      const publication = here.room.publish({ name: here.session.info.name, format: 'int32' })
      for (let i = 0; i < 5_000; i++) publication.push([i])
      const canvas = document.createElement('canvas')
      canvas.getContext('2d')
      here.room.publish(canvas.captureStream(5), { name: 'camera' })
    })
  }
  const all = Array.from({ length: 5_000 }, (_, i) => i)
  t.strictSame((await hears(ada.page, 'Bob', 5_000))?.values, all)
  t.strictSame((await hears(bob.page, 'Ada', 5_000))?.values, all)
  for (const page of pages) {
    await logs(page, 'stream camera')
    await page.waitForFunction(() => {
      const [peer] = here.room.peers.values()
      // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
      return [...peer.streams.values()].some((stream: any) => stream.getVideoTracks().length === 1)
    })
  }
  await bob.page.evaluate(() => here.room.leave())
  await logs(ada.page, 'peerleave Bob')
  for (const page of pages) await page.waitForFunction(() => here.open === 0)
  t.strictSame([...ada.complaints, ...bob.complaints], [])
})
