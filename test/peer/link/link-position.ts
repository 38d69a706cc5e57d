import t from 'tap'
import { MAX_JUMP } from '../../../src/peer/link/link-position.ts'
import { linkedPair, peerOf } from '../fixture/linked-pair.ts'

t.setTimeout(600_000)
// Each test has its own room and mostly waits.
t.jobs = 20

t.test('signals of an older link never reach a newer one, and large jumps of attempts are ignored', async (t) => {
  const { room, ada, bob, isWhole, logged } = await linkedPair(t)
  const { connections } = room.fake
  connections.at(-1)?.hangUp(connections.at(-1)?.other as never)
  await Promise.all([logged(ada, 'recovered: rebuild'), logged(bob, 'recovered: rebuild')])
  const made = connections.length
  const { ignored } = peerOf(ada)
  const offer = room.relayed.find(({ name }) => name === 'offer')?.body as Record<string, unknown>
  const answers = room.relayed.filter(({ name }) => name === 'answer')
  const another = { ...offer, sdp: `${offer.sdp}a=x\r\n` }
  const stale = [
    another,
    { ...another, attempt: 0 },
    { ...another, attempt: -1 },
    { ...another, attempt: 1.5 },
    { ...another, attempt: '2' },
    { ...another, attempt: 2 ** 60 },
    { ...another, attempt: MAX_JUMP + 2 },
    { ...another, attempt: 2, link: 1 },
  ]
  for (const body of stale) peerOf(ada).receiveSignal('offer', body)
  t.equal(peerOf(ada).ignored, ignored + stale.length)
  for (const { body } of answers) peerOf(bob).receiveSignal('answer', body)
  peerOf(bob).receiveSignal('offer', { ...another, attempt: 2 })
  peerOf(bob).receiveSignal('signal', { type: 'rebuild', link: offer.link })
  peerOf(ada).receiveSignal('signal', { type: 'rebuild', link: offer.link, attempt: 1 })
  t.equal(peerOf(ada).state, 'connected')
  await isWhole()
  // The next lost link is rebuilt once, so no other attempt was in progress.
  connections.at(-1)?.hangUp(connections.at(-1)?.other as never)
  await Promise.all([logged(ada, 'recovered: rebuild', 2), logged(bob, 'recovered: rebuild', 2)])
  t.equal(connections.length, made + 2)
})

t.test('an offer of a lost link does not open a new link', async (t) => {
  const { room, ada, bob, isWhole, logged } = await linkedPair(t)
  const offer = room.relayed.find(({ name }) => name === 'offer')?.body
  const { ignored } = peerOf(ada)
  // Deliver it as soon as the link is lost. A busy machine could miss the half second before the next attempt.
  const received = new Promise<{ made: number; ignored: number }>((resolve) => {
    peerOf(ada).addEventListener('recovering', ({ detail: { step } }) => {
      if (step !== 'rebuild') return
      queueMicrotask(() => {
        peerOf(ada).receiveSignal('offer', offer)
        resolve({ made: room.fake.connections.length, ignored: peerOf(ada).ignored })
      })
    })
  })
  bob.membership.interrupt(1)
  t.strictSame(await received, { made: 2, ignored: ignored + 1 })
  await logged(ada, 'recovered: rebuild')
  await isWhole()
})
