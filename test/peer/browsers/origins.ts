/** Which pages a browser lets use a server, and what the companion reports to those that may not. */
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { type ServeOptions, serve } from '../../../mod.ts'
import { launchChromium, openPage } from '../../fixture/chromium.ts'

t.setTimeout(600_000)
/** A name that its owner lets lead to this machine, as a page does that rebinds its DNS entry. */
const FOREIGN = 'lab.example'
const browser = await launchChromium([`--host-resolver-rules=MAP ${FOREIGN} 127.0.0.1`])
t.teardown(() => browser.close())

async function start(t: Test, options: ServeOptions = {}) {
  const server = await serve({ port: 0, ...options })
  t.teardown(() => server.close())
  return { host: `localhost:${server.port}`, foreign: `http://${FOREIGN}:${server.port}` }
}

/** Uses a server from a page: returns `used`, or the companion's error, and the answer of `/rooms` or `unreadable`. */
const uses = (page: Page, host: string) =>
  page.evaluate(
    async ([companion, host]) => {
      const { connect } = await import(companion as string)
      const session = await connect(`ws://${host}/signal`).then(
        // biome-ignore lint/suspicious/noExplicitAny: the companion is imported by URL, so it has no types
        (session: any) => {
          session.close()
          return 'used'
        },
        ({ code, message }: { code: string; message: string }) => ({ code, message }),
      )
      // The token makes the browser send a preflight.
      const rooms = await fetch(`http://${host}/rooms`, { headers: { authorization: 'Bearer x' } }).then(
        (response) => response.status,
        () => 'unreadable',
      )
      return { session, rooms }
    },
    ['/test/companion.js', host] as const,
  )

t.test('a page of another port of this machine uses the server', async (t) => {
  const [app, server] = [await start(t), await start(t)]
  t.same(await uses(await openPage(t, browser, `http://${app.host}/`), server.host), { session: 'used', rooms: 200 })
})

t.test('a page of another origin needs --origin, and the error says that', async (t) => {
  const app = await start(t, { publicUrls: [`http://${FOREIGN}`] })
  const page = await openPage(t, browser, `${app.foreign}/`)
  const refused = await uses(page, (await start(t)).host)
  t.match(refused, { session: { code: 'unreachable' }, rooms: 'unreadable' })
  t.match(
    (refused.session as { message: string }).message,
    new RegExp(`^Cannot reach the server at ws://localhost:.* pages of ${app.foreign} \\(its option --origin\\)$`),
  )
  const allowing = await start(t, { origins: [app.foreign] })
  t.same(await uses(page, allowing.host), { session: 'used', rooms: 200 })
})

t.test('a page cannot use the server by letting its own name lead there', async (t) => {
  const server = await start(t)
  const page = await browser.newPage()
  t.teardown(() => page.close())
  const answer = await page.goto(`${server.foreign}/rooms`)
  t.match([answer?.status(), await answer?.text()], [421, `Cannot serve ${FOREIGN}:`])
  // The state is public, so this page is one of the rebound origin.
  await page.goto(`${server.foreign}/healthz`)
  const rebound = await page.evaluate(async () => {
    const answers = await Promise.all(['/rooms', '/ice', '/'].map((path) => fetch(path)))
    const socket = new WebSocket('/signal')
    const opened = await new Promise((resolve) => {
      socket.onopen = () => resolve(true)
      socket.onclose = () => resolve(false)
    })
    return [...answers.map(({ status }) => status), opened]
  })
  t.same(rebound, [421, 421, 421, false])
})
