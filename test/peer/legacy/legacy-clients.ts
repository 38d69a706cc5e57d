import t from 'tap'
import { legacyClients } from '../../../src/peer/legacy/mod.ts'
import { PairLinks } from '../../../src/peer/room/pair-links.ts'
import { type FakeConnection, fakeWrtc } from '../fixture/fake-wrtc.ts'
import { linksOptions } from '../fixture/links-options.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

/**
 * Runs the links of a pair for some seconds. The other peer sends an old description, or nothing.
 *
 * @returns the signals that the links send, and how many they drop
 */
async function signalsOf(t: Tap, initiator: boolean, supports: boolean, sends?: 'offer' | 'answer', seconds = 10) {
  const time = new VirtualTime()
  time.install()
  const { wrtc } = fakeWrtc()
  const old = new (wrtc.RTCPeerConnection as new (config: object) => FakeConnection)({})
  const offer = await old.createOffer()
  await old.setLocalDescription(offer)
  const signals: [name: string, body: Record<string, unknown>][] = []
  const links = new PairLinks({
    ...linksOptions({
      number: 7,
      initiator,
      wrtc,
      signal: (name, body) => signals.push([name, body as Record<string, unknown>]),
      failed: (error) => t.fail(error.message),
    }),
    legacyClients: supports ? legacyClients : undefined,
  })
  links.start()
  // Until then an initiator has sent its first offer.
  await time.pass(1)
  if (sends !== undefined) links.receive(sends, { ...offer, type: sends })
  await time.pass(seconds)
  const { dropped } = links
  links.close(false)
  await time.pass(60)
  time.uninstall()
  return { signals, dropped }
}

t.test('with legacyClients, an offer of an old client is answered, with the number of the link', async (t) => {
  const { signals } = await signalsOf(t, false, true, 'offer')
  t.match(signals, [['answer', { type: 'answer', link: 7 }]])
})

t.test('with legacyClients, a silent initiator receives an offer with all candidates', async (t) => {
  const { signals } = await signalsOf(t, false, true)
  t.match(signals[0], ['offer', { type: 'offer', link: 7 }])
})

t.test('without legacyClients, an offer of an old client is dropped and counted', async (t) => {
  for (const initiator of [true, false]) {
    const { signals, dropped } = await signalsOf(t, initiator, false, 'offer')
    t.equal(dropped, 1)
    t.notOk(signals.some(([name]) => name === 'answer'))
  }
})

t.test('without legacyClients, the offers end when an old client has answered one', async (t) => {
  const { signals, dropped } = await signalsOf(t, true, false, 'answer', 600)
  t.strictSame(
    signals.map(([name]) => name).filter((name) => name !== 'candidate'),
    ['offer'],
  )
  t.equal(dropped, 1)
})

t.test('without legacyClients, a silent initiator receives no offer', async (t) => {
  const { signals } = await signalsOf(t, false, false)
  t.notOk(signals.some(([name]) => name === 'offer'))
})

type Tap = Pick<typeof t, 'fail'>
