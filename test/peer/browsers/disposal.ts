/** Tests `await using` in a page, and a page of a browser without it, as Safari. */
import t from 'tap'
import { openPage } from '../../fixture/chromium.ts'
import { serverAndBrowser } from '../../fixture/server-and-browser.ts'

type Companion = typeof import('../../fixture/companion.ts')

const COMPANION = '/test/companion.js'

t.setTimeout(600_000)
const { server, browser } = await serverAndBrowser(t)

t.test('await using leaves a room and closes a session in Chromium', async (t) => {
  const page = await openPage(t, browser, server.url)
  const states = await page.evaluate(async (url) => {
    const { connect } = (await import(url)) as Companion
    const held = []
    {
      await using session = await connect('/signal')
      await using room = await session.join('lab', { create: true })
      held.push(session, room)
    }
    return held.map(({ closed }) => closed)
  }, COMPANION)
  t.strictSame(states, [true, true])
})

t.test('the companion works in a browser without Symbol.asyncDispose', async (t) => {
  const page = await openPage(t, browser, server.url)
  const seen = await page.evaluate(async (url) => {
    const native = Symbol
    const { dispose, asyncDispose, prototype, ...others } = Object.getOwnPropertyDescriptors(Symbol)
    globalThis.Symbol = Object.defineProperties((text?: string) => native(text), others) as SymbolConstructor
    const { connect, recording: records } = (await import(url)) as Companion
    const session = await connect('/signal', { recording: records })
    const room = await session.join('lab', { create: true })
    const recording = room.record(new WritableStream())
    await recording.stop()
    await room.leave()
    session.close()
    return [typeof Symbol.asyncDispose, room.closed, session.state]
  }, COMPANION)
  t.strictSame(seen, ['undefined', true, 'closed'])
})
