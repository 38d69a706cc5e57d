/** The companion beside a real server that wants tokens. */
import t from 'tap'
import { serve } from '../../mod.ts'
import { connect, type Membership, type Session } from '../../src/peer/mod.ts'
import { inSeconds, secret, signed } from '../fixture/tokens.ts'
import { fakeWrtc } from './fixture/fake-wrtc.ts'

const { wrtc } = fakeWrtc()
const server = await serve({ port: 0, tokens: { secret } })
t.teardown(() => server.close())
// Most of each is waiting.
t.jobs = 3

/** Somebody whose tokens last 4 s, which a busy machine may take to make use of one, for as long as there are any. */
async function person(t: { teardown(end: () => void): void }, sub: string, seconds = 4) {
  const state = { tokens: 0, good: true }
  const session = await connect(server.url, {
    wrtc,
    async token() {
      state.tokens++
      return state.good ? signed({ sub, exp: inSeconds(seconds) }) : 'none'
    },
  })
  t.teardown(() => session.close())
  return { session, state }
}

const once = <Detail>(target: Session | Membership, type: string): Promise<Detail> =>
  new Promise((resolve) => {
    ;(target as EventTarget).addEventListener(type, (event) => resolve((event as CustomEvent<Detail>).detail), {
      once: true,
    })
  })

t.test('a session outlives its tokens', async (t) => {
  const { session, state } = await person(t, 'ada')
  t.match(session.identity, { auth: 'ada', publish: true })
  const room = await session.join('lab', { create: true })
  const { id } = session
  while (state.tokens < 4) await new Promise((resolve) => setTimeout(resolve, 50))
  t.equal(session.id, id)
  t.equal(session.state, 'connected')
  t.notOk(room.closed)
})

t.test('and ends where there is no other', async (t) => {
  const { session, state } = await person(t, 'ada')
  const room = await session.join('hall', { create: true })
  state.good = false
  const [ended] = await Promise.all([once(session, 'close'), once(room, 'close')])
  t.match(ended, { code: 1008, reason: 'unauthorized' })
})

t.test('a maker governs its room', async (t) => {
  const [ada, bob, cid] = await Promise.all(['ada', 'bob', 'cid'].map((sub) => person(t, sub, 600)))
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
