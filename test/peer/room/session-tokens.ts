/**
 * Tests the companion with a real server that requires tokens. Timers of a minute or more run on fake clocks, shorter
 * ones in real time.
 */
import t from 'tap'
import { serve, WebRTCService } from '../../../mod.ts'
import { connectTimed } from '../../../src/peer/connect.ts'
import type { Membership, RemotePeer, Session } from '../../../src/peer/mod.ts'
import { realTiming, type Timing } from '../../../src/peer/shared/timing.ts'
import { tokenChecker } from '../../../src/server/identity/tokens.ts'
import { fakeClock } from '../../core/fixture/clock.ts'
import { secret, signed } from '../../fixture/tokens.ts'
import { until } from '../../fixture/until.ts'
import { fakeWrtc } from '../fixture/fake-wrtc.ts'

const { wrtc } = fakeWrtc()

/** Lifetime of a token, and when the session renews it, in ms. */
const LIFE = 600_000
const RENEWED = 480_000

/** Starts a server for each test, because each test has its own clocks. */
async function setUp(t: { teardown(end: () => unknown): void }) {
  const [serverClock, clientClock] = [fakeClock(Date.now()), fakeClock()]
  const { now } = serverClock
  const readText = () => Promise.reject(new Error('There is nothing to read'))
  const service = new WebRTCService({
    codec: 'json',
    authenticate: tokenChecker({ secret }, { now, readText, complain() {} }),
    requireToken: true,
    clock: serverClock,
  })
  const server = await serve({ port: 0, tokens: { secret }, service })
  t.teardown(() => server.close())
  const timing: Timing = {
    ...realTiming,
    after(ms, callback) {
      if (ms < 60_000) return realTiming.after(ms, callback)
      const timer = clientClock.setTimeout(callback, ms)
      return () => clientClock.clearTimeout(timer)
    },
  }

  /** Connects a user with a new token for each request, as long as `good` is true. */
  const person = async (sub: string) => {
    const state = { tokens: 0, good: true }
    const options = {
      wrtc,
      async token() {
        state.tokens++
        return state.good ? signed({ sub, exp: Math.floor((now() + LIFE) / 1_000) }) : 'none'
      },
    }
    const session = await connectTimed(server.url, options, timing)
    t.teardown(() => session.close())
    return { session, state }
  }
  return { person, serverClock, clientClock }
}

const once = <Detail>(target: Session | Membership, type: string): Promise<Detail> =>
  new Promise((resolve) => {
    ;(target as EventTarget).addEventListener(type, (event) => resolve((event as CustomEvent<Detail>).detail), {
      once: true,
    })
  })

t.test('a session survives the expiry of its tokens', async (t) => {
  const { person, serverClock, clientClock } = await setUp(t)
  const { session, state } = await person('ada')
  t.match(session.identity, { auth: 'ada', publish: true })
  const room = await session.join('lab', { create: true })
  const { id } = session
  for (let tokens = 2; tokens <= 4; tokens++) {
    t.equal(clientClock.waiting, 1, 'the next renewal')
    serverClock.advance(RENEWED)
    clientClock.advance(RENEWED)
    // The session plans the next renewal once the server has accepted the new token.
    await until(() => state.tokens === tokens && clientClock.waiting === 1)
  }
  t.equal(session.id, id)
  t.equal(session.state, 'connected')
  t.notOk(room.closed)
})

t.test('a session ends if there is no valid new token', async (t) => {
  const { person, serverClock, clientClock } = await setUp(t)
  const { session, state } = await person('ada')
  const room = await session.join('hall', { create: true })
  state.good = false
  const refused = once(session, 'error')
  serverClock.advance(RENEWED)
  clientClock.advance(RENEWED)
  t.match(await refused, { code: 'unauthorized' })
  t.equal(session.state, 'connected', 'the old token is still valid')
  const ending = Promise.all([once(session, 'close'), once(room, 'close')])
  serverClock.advance(LIFE - RENEWED)
  const [ended] = await ending
  t.match(ended, { code: 1008, reason: 'unauthorized' })
})

t.test('a room owner can kick, restrict and close', async (t) => {
  const { person } = await setUp(t)
  const [ada, bob, cid] = await Promise.all(['ada', 'bob', 'cid'].map(person))
  const [own, bobs, cids] = [
    await ada?.session.join('governed', { create: true }),
    await bob?.session.join('governed'),
    await cid?.session.join('governed'),
  ] as [Membership, Membership, Membership]
  const removed = Promise.all([once(bobs, 'removed'), once(cids, 'removed')])
  await own.kick(bob?.session.id as number, 'Too loud')
  await own.restrict({ users: ['bob'] })
  t.strictSame(await removed, [
    { code: 'kicked', reason: 'Too loud' },
    { code: 'restricted', reason: '' },
  ])
  await t.rejects(cid?.session.join('governed') as Promise<unknown>, { code: 'room-not-found' })
  const again = (await bob?.session.join('governed')) as Membership
  const closed = once(again, 'removed')
  await t.rejects(again.closeRoom(), { code: 'forbidden', reason: 'not-initiator' })
  await own.closeRoom('Done')
  t.strictSame(await closed, { code: 'closed', reason: 'Done' })
})

t.test('each peer has the identity of its token, whatever its info says', async (t) => {
  const { person } = await setUp(t)
  const [ada, eve] = await Promise.all(['ada', 'eve'].map(person))
  const forged = { name: 'ada', auth: 'ada', verified: true, identity: { auth: 'ada' } }
  const own = (await ada?.session.join('lab', { create: true })) as Membership
  const arrived = once<RemotePeer>(own, 'peer')
  const joined = (await eve?.session.join('lab', { info: forged })) as Membership
  const met = once<RemotePeer>(joined, 'peer')
  const [peer, other] = [await arrived, await met]
  t.strictSame(
    [peer.identity, other.identity],
    [
      { auth: 'eve', name: undefined },
      { auth: 'ada', name: undefined },
    ],
  )
  t.strictSame(peer.info, forged)
})
