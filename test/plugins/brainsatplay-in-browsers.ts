import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { PAGE_TIMEOUT } from '../fixture/chromium.ts'
import { root, startServer } from '../fixture/server.ts'
import { browserFor } from '../fixture/server-and-browser.ts'

/** Level of Bob's device, in µV. The original device does not keep this level for long. */
const BOBS_LEVEL = 42

t.test('examples/brainsatplay shows both players to each other', { timeout: 580_000 }, async (t) => {
  const server = await startServer([process.execPath, 'examples/brainsatplay/server.ts'], [])
  t.teardown(() => server.stop('SIGKILL'))
  const complaints: string[] = []
  const [ada, bob] = await Promise.all([open(t, complaints), open(t, complaints)])
  // Bob's device returns a constant level, so that the test can tell both signals apart.
  const device = await readFile(`${root}examples/brainsatplay/devices.js`, 'utf8')
  const level = device.replace(/^ {2}return strength .*$/m, `  return ${BOBS_LEVEL}`)
  t.not(level, device)
  await bob.route('**/devices.js', (route) => route.fulfill({ body: level, contentType: 'text/javascript' }))
  await Promise.all([ada.goto(`${server.url}?name=Ada`), bob.goto(`${server.url}?name=Bob`)])

  for (const page of [ada, bob]) {
    await page.locator('article', { hasText: 'Bob' }).waitFor()
    await page.locator('article', { hasText: 'Ada' }).waitFor()
    await page.waitForFunction((level) => {
      const levels = new Map(
        [...document.querySelectorAll('article')].map((card) => [
          card.querySelector('b')?.textContent,
          card.querySelector('meter')?.value,
        ]),
      )
      const ada = Number(levels.get('Ada'))
      return levels.size === 2 && levels.get('Bob') === level && ada > 5 && Math.abs(ada - level) > 0.001
    }, BOBS_LEVEL)
    t.same(await page.locator('article small').allTextContents(), Array(2).fill('TP9 · AF7 · AF8 · TP10'))
    await page.waitForFunction(() => {
      const drawn = (canvas: HTMLCanvasElement) =>
        canvas
          .getContext('2d')
          ?.getImageData(0, 0, canvas.width, canvas.height)
          .data.some((byte) => byte > 0)
      return [...document.querySelectorAll('canvas')].every(drawn)
    })
    t.equal(await page.locator('#status').textContent(), 'joined')
    t.equal(
      await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      true,
      'nothing is wider than the page',
    )
  }

  await bob.locator('#leave').click()
  await ada.locator('article', { hasText: 'Bob' }).waitFor({ state: 'detached' })
  t.same(await ada.locator('article b').allTextContents(), ['Ada'])
  t.equal(await bob.locator('#status').textContent(), 'closed')
  t.same(await bob.locator('article b').allTextContents(), ['Bob'], 'a player that has left sees nobody else')
  t.same(complaints, [])
})

/** Opens a narrow page in a new browser. */
async function open(t: Test, complaints: string[]): Promise<Page> {
  const browser = await browserFor(t)
  const page = await browser.newPage({ viewport: { width: 360, height: 640 } })
  page.setDefaultTimeout(PAGE_TIMEOUT)
  page.on('pageerror', (error) => complaints.push(String(error)))
  return page
}
