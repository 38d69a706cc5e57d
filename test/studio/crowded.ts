import t from 'tap'
import { openPage } from '../fixture/chromium.ts'
import { serverAndBrowser } from '../fixture/server-and-browser.ts'
import { join, numberOf, reaches } from './fixture/people.ts'

t.setTimeout(600_000)

await t.test('a card counts all channels, although it draws only some', async (t) => {
  const { server, browser } = await serverAndBrowser(t)
  const ada = await join(t, browser, server.url, 'Ada', 'crowded')
  const other = await openPage(t, browser, server.url)
  await other.evaluate(shareMuch)

  const card = ada.cardOf('Mallory')
  await reaches(card, 'samples', 256 * 100 + 100)
  // The card counts channels when it is drawn, one or two frames later.
  await reaches(card, 'channels', 257)
  t.equal(await numberOf(card, 'channels'), 257)
  t.match(await card.locator('dl').textContent(), '257 (32 drawn)')
  t.equal(await card.locator('canvas').count(), 1)
  t.strictSame(ada.complaints, [])
})

/** Runs in the page. Publishes 256 channels, a second stream that exceeds the card, and a text stream. */
async function shareMuch(): Promise<void> {
  const path = '/test/companion.js'
  const { connect } = (await import(path)) as typeof import('../../src/peer/mod.ts')
  const session = await connect('/signal', { info: { name: 'Mallory' } })
  const room = await session.join('crowded')
  await new Promise((resolve) => {
    room.addEventListener('peer', ({ detail: peer }) => peer.addEventListener('connect', resolve))
  })
  const channels = Array.from({ length: 256 }, (_, i) => ({ label: `E${i + 1}`, unit: 'µV', type: 'EEG' }))
  const wide = room.publish({ name: 'Wide', format: 'float32', nominalRate: 1_000, channels })
  const more = room.publish({ name: 'More', format: 'float32', nominalRate: 1_000 })
  const text = room.publish({ name: 'Markers', format: 'string' })
  wide.push(new Float32Array(256 * 100))
  more.push(new Float32Array(100))
  text.push(['eyes closed'])
}
