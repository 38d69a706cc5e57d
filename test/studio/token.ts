/** Tests the page of a server that requires tokens. */
import type { Locator } from 'playwright-core'
import t from 'tap'
import { commands, startServer } from '../fixture/server.ts'
import { browserFor } from '../fixture/server-and-browser.ts'
import { inSeconds, secret, signed } from '../fixture/tokens.ts'
import { join, open } from './fixture/people.ts'

t.setTimeout(180_000)
const browser = await browserFor(t)
const server = await startServer(commands.bun, ['--port', '0', '--jwt-secret', secret])
t.teardown(() => server.stop())

t.test('the page asks for a token, and keeps it out of addresses and storage', async (t) => {
  const ada = await open(t, browser, server.url, 'Ada', 'lab')
  const asked: string[] = []
  ada.page.on('request', (request) => asked.push(request.url()))
  ada.page.on('websocket', (socket) => asked.push(socket.url()))
  const field = ada.page.getByLabel('Token')
  t.ok(await field.isVisible())
  t.match(await ada.page.locator('#asks').textContent(), /requires a token/)
  t.equal(await field.getAttribute('type'), 'password')
  t.equal(await field.getAttribute('name'), null, 'no form puts the token into an address')

  await ada.page.getByRole('button', { name: 'Join' }).click()
  t.equal(
    await field.evaluate(
      (input) => (input as unknown as { validity: { valueMissing: boolean } }).validity.valueMissing,
    ),
    true,
  )

  await field.fill('no token')
  await ada.page.getByRole('button', { name: 'Join' }).click()
  await ada.page.getByRole('alert').waitFor()
  t.match(await ada.page.getByRole('alert').textContent(), /requires a valid token/)

  const token = await signed({ sub: 'ada', name: 'Ada L.' })
  await field.fill(token)
  await ada.page.getByRole('button', { name: 'Join' }).click()
  await ada.own.waitFor()
  t.notOk(await field.isVisible())
  t.notMatch([...asked, ada.page.url()].join(' '), token)
  const kept = 'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])'
  t.equal(await ada.page.evaluate(kept), '[{},{},""]')

  const grace = await open(t, browser, server.url, 'Grace', 'lab')
  await grace.page.getByLabel('Token').fill(await signed({ sub: 'grace' }))
  await grace.page.getByRole('button', { name: 'Join' }).click()
  await grace.cardOf('Ada L.').waitFor()
  await ada.page.reload()
  t.equal(await field.inputValue(), '', 'a reloaded page has no token')
})

t.test('cards show who a person is by their token, which no name can imitate', async (t) => {
  const enter = async (name: string, claims: object) => {
    const person = await open(t, browser, server.url, name, 'identities')
    await person.page.getByLabel('Token').fill(await signed({ ...claims }))
    await person.page.getByRole('button', { name: 'Join' }).click()
    await person.own.waitFor()
    return person
  }
  const ada = await enter('Whoever', { sub: 'ada', name: 'Ada L.' })
  const eve = await enter('Ada L. ✓ verified: ada', { sub: 'eve\u202e' })
  const identityOf = (card: Locator) => card.locator('header .identity')
  const adas = identityOf(eve.cardOf('Ada L.'))
  const eves = identityOf(ada.cardOf('Ada L. ✓ verified: ada'))
  t.equal(await adas.textContent(), 'verified: ada')
  t.equal(await eves.textContent(), 'verified: eve\\u202e', 'characters that nobody sees are escaped')
  t.equal(await identityOf(ada.own).textContent(), 'verified: ada')
  for (const sign of [adas, eves]) t.equal(await sign.getAttribute('data-verified'), '')
  t.strictSame([...ada.complaints, ...eve.complaints], [])
})

t.test('the page shows that the token has expired', async (t) => {
  const ada = await open(t, browser, server.url, 'Ada', 'short')
  await ada.page.getByLabel('Token').fill(await signed({ sub: 'ada', exp: inSeconds(12) }))
  await ada.page.getByRole('button', { name: 'Join' }).click()
  await ada.own.waitFor()
  await ada.page.getByRole('alert').waitFor()
  t.match(await ada.page.getByRole('alert').textContent(), /token has expired.*Join again with a new one/)
  t.ok(await ada.page.getByLabel('Token').isVisible())
})

t.test('the page of an open server asks for no token', async (t) => {
  const server = await startServer(commands.bun)
  t.teardown(() => server.stop())
  const ada = await join(t, browser, server.url, 'Ada', 'lab')
  t.notOk(await ada.page.locator('#token').isVisible())
  const imitation = 'Bob ✓ verified: bob'
  await join(t, browser, server.url, imitation, 'lab')
  const sign = ada.cardOf(imitation).locator('header .identity')
  t.equal(await sign.textContent(), 'not verified')
  t.equal(await sign.getAttribute('data-verified'), null)
  t.ok(await ada.own.locator('.identity').isHidden(), 'the own card needs no sign')
  t.strictSame(ada.complaints, [])
})
