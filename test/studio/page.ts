import { existsSync } from 'node:fs'
import t from 'tap'
import { Op } from '../../mod.ts'
import { BinaryClient } from '../fixture/client.ts'
import { commands, root, startServer } from '../fixture/server.ts'
import { serverAndBrowser } from '../fixture/server-and-browser.ts'
import { coloursOf, join, numberOf, open, reaches } from './fixture/people.ts'

t.setTimeout(600_000)
// The tests mostly wait, and each has its own room.
t.jobs = 2
const { server, browser } = await serverAndBrowser(t)

t.test('two users see each other’s traces live', async (t) => {
  const ada = await join(t, browser, server.url, 'Ada', 'live')
  const grace = await join(t, browser, server.url, 'Grace', 'live')
  await ada.cardOf('Grace').waitFor()
  await ada.page.getByRole('button', { name: 'Start' }).click()

  const seen = grace.cardOf('Ada')
  await reaches(seen, 'samples', 2_000)
  const before = await numberOf(seen, 'samples')
  await reaches(seen, 'samples', before + 2_000)
  t.equal(await numberOf(seen, 'channels'), 8)
  t.equal(await numberOf(seen, 'missed'), 0)
  t.equal(await seen.getAttribute('data-state'), 'connected')
  t.ok((await coloursOf(seen)) >= 8, 'a colour for each trace')
  t.ok((await coloursOf(ada.own)) >= 8)

  await grace.page.getByRole('button', { name: 'Start' }).click()
  await reaches(ada.cardOf('Grace'), 'samples', 2_000)

  await ada.page.getByRole('button', { name: 'Stop' }).click()
  await seen.locator('canvas').waitFor({ state: 'detached' })
  await ada.page.getByRole('button', { name: 'Leave' }).click()
  await seen.and(grace.page.locator('[data-state=gone]')).waitFor()
  t.match(await seen.textContent(), 'goneLeft the room')
  t.match(await grace.page.locator('#where').textContent(), 'no other people')
  await seen.waitFor({ state: 'detached' })
  t.ok(await ada.page.getByRole('button', { name: 'Join' }).isVisible())
  t.strictSame([...ada.complaints, ...grace.complaints], [])
})

t.test('a new card shows 0 samples/s, even if the clock has not moved', async (t) => {
  const { page } = await open(t, browser, server.url, 'Ada', 'card')
  const shown = await page.evaluate(async (path) => {
    const { createCard } = (await import(path)) as typeof import('../../src/studio/card.ts')
    performance.now = () => 1_000
    return createCard(document.body, 'Ada', '').element.dataset.rate
  }, `${server.url}modules/studio/card.ts`)
  t.equal(shown, '0')
})

t.test('the link for others opens the same room', async (t) => {
  const ada = await join(t, browser, server.url, 'Ada', 'linked & more')
  const link = await ada.page.getByLabel('Link for others').inputValue()
  t.notMatch(link, 'Ada')
  const grace = await open(t, browser, server.url, '', '')
  await grace.page.goto(link)
  await grace.page.getByLabel('Your name').fill('Grace')
  await grace.page.getByRole('button', { name: 'Join' }).click()
  await grace.cardOf('Ada').waitFor()
  await ada.cardOf('Grace').waitFor()
})

const rows = 3_000
const csv = ['time,left,right', ...Array.from({ length: rows }, (_, i) => `${i * 4},${i % 50},${-i % 70}`)].join('\n')

t.test('a recording at full speed arrives complete', async (t) => {
  const ada = await join(t, browser, server.url, 'Ada', 'replay')
  const grace = await join(t, browser, server.url, 'Grace', 'replay')
  await ada.cardOf('Grace').and(ada.page.locator('[data-state=connected]')).waitFor()
  await ada.page.locator('#source').selectOption('recording')
  await ada.page.getByLabel('File').setInputFiles({ name: 'two.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await ada.page.getByLabel('Speed').selectOption('full')
  await ada.page.getByRole('button', { name: 'Start' }).click()
  await reaches(grace.cardOf('Ada'), 'samples', rows * 2)
  t.equal(await numberOf(grace.cardOf('Ada'), 'samples'), rows * 2)
  t.equal(await numberOf(grace.cardOf('Ada'), 'missed'), 0)
  t.match(await ada.page.locator('#status').textContent(), '3,000 samples of each channel')
  t.strictSame([...ada.complaints, ...grace.complaints], [])
})

const cyton = `${root}../shared/data/openbci-cyton-8ch-250hz-20s.txt`
const skip = existsSync(cyton) ? false : 'needs the recording ../shared/data/openbci-cyton-8ch-250hz-20s.txt'

t.test('a real Cyton recording is shown at its own speed', { skip }, async (t) => {
  const ada = await join(t, browser, server.url, 'Ada', 'cyton')
  const grace = await join(t, browser, server.url, 'Grace', 'cyton')
  await ada.cardOf('Grace').and(ada.page.locator('[data-state=connected]')).waitFor()
  await ada.page.locator('#source').selectOption('recording')
  await ada.page.getByLabel('File').setInputFiles(cyton)
  await ada.page.getByRole('button', { name: 'Start' }).click()
  await reaches(grace.cardOf('Ada'), 'samples', 8_000)
  t.equal(await numberOf(grace.cardOf('Ada'), 'channels'), 8)
  t.ok((await numberOf(grace.cardOf('Ada'), 'samples')) < 8 * 5_005, 'not yet at its end')
})

t.test('an error in a file names its line', async (t) => {
  const ada = await join(t, browser, server.url, 'Ada', 'broken')
  await ada.page.locator('#source').selectOption('recording')
  await ada.page.getByRole('button', { name: 'Start' }).click()
  await ada.page.getByRole('alert').filter({ hasText: 'Choose a recording first' }).waitFor()
  const broken = csv.replace('\n8,2,-2', '\n8,two,-2')
  await ada.page
    .getByLabel('File')
    .setInputFiles({ name: 'bad.csv', mimeType: 'text/csv', buffer: Buffer.from(broken) })
  await ada.page.getByRole('button', { name: 'Start' }).click()
  await ada.page
    .getByRole('alert')
    .filter({ hasText: /bad\.csv.*line 4/ })
    .waitFor()
})

t.test('joining a full room shows an error', async (t) => {
  const host = await BinaryClient.open(server.signal)
  t.teardown(() => host.close())
  await host.request(Op.connect, { room: { name: 'full', restrictions: { max: 1 } }, create: true })
  const ada = await open(t, browser, server.url, 'Ada', 'full')
  await ada.page.getByRole('button', { name: 'Join' }).click()
  await ada.page.getByRole('alert').filter({ hasText: 'The room full is full' }).waitFor()
  t.ok(await ada.page.getByRole('button', { name: 'Join' }).isEnabled())
})

t.test('the page fits a phone without horizontal scrolling, in dark mode too', async (t) => {
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, colorScheme: 'dark' as const }
  const ada = await join(t, browser, server.url, 'Ada with quite a long name', 'phone', phone)
  await ada.page.getByRole('button', { name: 'Start' }).tap()
  await reaches(ada.own, 'samples', 1_000)
  const { wide, ground } = await ada.page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    ground: getComputedStyle(document.body).backgroundColor,
  }))
  t.equal(wide, 360)
  t.equal(ground, 'rgb(16, 20, 22)')
  t.strictSame(ada.complaints, [])
})

t.test('the page shows a lost server, and rejoins the room when the server returns', async (t) => {
  const first = await startServer(commands.bun)
  const ada = await join(t, browser, first.url, 'Ada', 'gone')
  const status = ada.page.locator('#connection')
  t.match(await status.textContent(), 'Connected to the server')
  await first.stop()
  await status.and(ada.page.locator('[data-state=reconnecting]')).waitFor()
  await status
    .filter({ hasText: /^Reconnecting to the server (in \d+ s|now) \((the server stopped|.*attempt \d+)\)$/ })
    .waitFor()

  const second = await startServer(commands.bun, ['--port', new URL(first.url).port])
  t.teardown(() => second.stop())
  const again = /^Connected to the server again after [\d.]+ s, as a new session; the room was joined again$/
  await status.filter({ hasText: again }).waitFor()
  const grace = await join(t, browser, second.url, 'Grace', 'gone')
  await grace.cardOf('Ada').waitFor()
  await ada.cardOf('Grace').waitFor()
  t.ok(await ada.page.getByRole('alert').isHidden())
})

t.test('a user can leave while the server is lost', async (t) => {
  const another = await startServer(commands.bun)
  const ada = await join(t, browser, another.url, 'Ada', 'gone')
  await another.stop()
  await ada.page.locator('#connection[data-state=reconnecting]').waitFor()
  await ada.page.getByRole('button', { name: 'Leave' }).click()
  await ada.page.getByRole('button', { name: 'Join' }).click()
  await ada.page.getByRole('alert').filter({ hasText: 'Cannot reach the server' }).waitFor()
  t.equal(await ada.page.locator('.card').count(), 0)
})

// The browser would keep the process alive.
t.end()
