import t from 'tap'
import { serve } from '../../mod.ts'
import { browserFor } from '../fixture/server-and-browser.ts'
import { startTurnServer } from '../fixture/turn-server.ts'
import { startUdpProxy } from '../fixture/udp-proxy.ts'
import { join, numberOf, type Person, reaches } from './fixture/people.ts'

t.setTimeout(600_000)
const turn = await startTurnServer()
t.teardown(() => turn.stop())
const browser = await browserFor(t)

/** Waits until the card of another user shows this state and this reason. */
const shows = (person: Person, other: string, state: string, why: RegExp): Promise<void> =>
  person
    .cardOf(other)
    .and(person.page.locator(`[data-state=${state}]`))
    .filter({ has: person.page.getByRole('status').filter({ hasText: state }) })
    .filter({ has: person.page.locator('.why').filter({ hasText: why }) })
    .waitFor()

t.test('a page shows relayed, lost and recovered links with their reasons', async (t) => {
  const proxy = await startUdpProxy(turn.port, 1)
  t.teardown(() => proxy.close())
  const server = await serve({ port: 0, iceServers: [turn.iceServer(proxy.port)] })
  t.teardown(() => server.close())
  const [ada, grace] = await Promise.all(
    ['Ada', 'Grace'].map((name) => join(t, browser, server.url, name, 'net', {}, relayed)),
  )
  if (ada === undefined || grace === undefined) throw new Error('Nobody is there')
  await shows(ada, 'Grace', 'relayed', /^Over a TURN server$/)
  await shows(grace, 'Ada', 'relayed', /^Over a TURN server$/)
  await ada.page.getByRole('button', { name: 'Start' }).click()
  await reaches(grace.cardOf('Ada'), 'samples', 2_000)

  proxy.cut()
  await shows(grace, 'Ada', 'recovering', /^The peer no longer answers: trying another route$/)
  await shows(ada, 'Grace', 'recovering', /^The peer no longer answers: trying another route$/)
  proxy.mend()
  await shows(grace, 'Ada', 'relayed', /; was lost for [\d.]+ s$/)
  await shows(ada, 'Grace', 'relayed', /; was lost for [\d.]+ s$/)

  await ada.page.getByRole('button', { name: 'Lose my network for 10 s' }).click()
  t.ok(await ada.page.getByRole('button', { name: 'No network' }).isDisabled())
  const connection = ada.page.locator('#connection')
  await connection.filter({ hasText: /^Reconnecting to the server in \d+ s \(the network is interrupted\)$/ }).waitFor()
  await shows(ada, 'Grace', 'recovering', /^The network is interrupted: .*, in \d+ s$/)
  t.ok(await ada.page.getByRole('button', { name: 'No network' }).isVisible(), 'while the network is interrupted')
  await shows(grace, 'Ada', 'recovering', /: /)
  await connection
    .filter({ hasText: /^Connected to the server again after 1\d\.\d s, and nothing was lost$/ })
    .waitFor()
  t.ok(await ada.page.getByRole('button', { name: 'Lose my network for 10 s' }).isEnabled())
  await shows(grace, 'Ada', 'relayed', /; was lost for \d+\.\d s$/)
  await shows(ada, 'Grace', 'relayed', /; was lost for \d+\.\d s$/)

  await ada.page.getByRole('button', { name: 'Stop' }).click()
  await grace.cardOf('Ada').locator('canvas').waitFor({ state: 'detached' })
  await reaches(ada.own, 'samples', 2_000)
  const sent = Number(
    (await ada.page.locator('#status').textContent())?.replace(/.*: ([\d,]+) samples.*/, '$1').replaceAll(',', ''),
  )
  await reaches(grace.cardOf('Ada'), 'samples', sent * 8)
  t.equal(await numberOf(grace.cardOf('Ada'), 'samples'), sent * 8)
  t.equal(await numberOf(grace.cardOf('Ada'), 'missed'), 0)
  t.strictSame([...ada.complaints, ...grace.complaints], [])
})

/** Runs in the pages before their own scripts. Allows only TURN, as behind a strict firewall. */
function relayed(): void {
  const Native = RTCPeerConnection
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: 'relay' })
    }
  }
}

t.end()
