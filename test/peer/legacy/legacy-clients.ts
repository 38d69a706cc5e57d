import t from 'tap'
import { legacyClients } from '../../../src/peer/legacy/mod.ts'
import { PairLinks } from '../../../src/peer/room/pair-links.ts'
import { type FakeConnection, fakeWrtc } from '../fixture/fake-wrtc.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

/** Runs the links of a pair whose other peer sends an old offer, or nothing. Returns the signals that they send. */
async function signalsOf(t: Tap, initiator: boolean, supports: boolean, offers: boolean) {
  const time = new VirtualTime()
  time.install()
  const { wrtc } = fakeWrtc()
  const old = new (wrtc.RTCPeerConnection as new (config: object) => FakeConnection)({})
  const offer = await old.createOffer()
  await old.setLocalDescription(offer)
  const signals: [name: string, body: Record<string, unknown>][] = []
  const links = new PairLinks({
    number: 7,
    initiator,
    legacyClients: supports ? legacyClients : undefined,
    ahead: () => undefined,
    wantedAhead() {},
    rtc: () => ({}),
    renewRtc() {},
    wrtc,
    signal: (name, body) => signals.push([name, body as Record<string, unknown>]),
    message() {},
    unordered() {},
    drained() {},
    clockOpen() {},
    clockMessage() {},
    track() {},
    connected() {},
    lost() {},
    recovering() {},
    recovered() {},
    failed: (error) => t.fail(error.message),
  })
  links.start()
  if (offers) links.receive('offer', offer)
  await time.pass(10)
  const { dropped } = links
  links.close(false)
  await time.pass(60)
  time.uninstall()
  return { signals, dropped }
}

t.test('with legacyClients, an offer of an old client is answered, with the number of the link', async (t) => {
  const { signals } = await signalsOf(t, false, true, true)
  t.match(signals, [['answer', { type: 'answer', link: 7 }]])
})

t.test('with legacyClients, a silent initiator receives an offer with all candidates', async (t) => {
  const { signals } = await signalsOf(t, false, true, false)
  t.match(signals[0], ['offer', { type: 'offer', link: 7 }])
})

t.test('without legacyClients, an offer of an old client is dropped and counted', async (t) => {
  for (const initiator of [true, false]) {
    const { signals, dropped } = await signalsOf(t, initiator, false, true)
    t.equal(dropped, 1)
    t.notOk(signals.some(([name]) => name === 'answer'))
  }
})

t.test('without legacyClients, a silent initiator receives no offer', async (t) => {
  const { signals } = await signalsOf(t, false, false, false)
  t.notOk(signals.some(([name]) => name === 'offer'))
})

type Tap = Pick<typeof t, 'fail'>
