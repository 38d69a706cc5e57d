import { createHmac } from 'node:crypto'
import t from 'tap'
import { fakeClock } from './fixture/clock.ts'
import { addKnown, closedService, tokenOf } from './fixture/identified.ts'
import { addUser, codecs, newService } from './fixture/user.ts'

const stun = { urls: 'stun:stun.example.org' }
const turn = { urls: ['turn:turn.example.org?transport=udp', 'turns:turn.example.org'], secret: 'a shared secret' }

const credential = (username: string) => createHmac('sha1', turn.secret).update(username).digest('base64')

for (const codec of codecs) {
  t.test(`${codec}: each user receives its own TURN credentials for a limited time`, async (t) => {
    const clock = fakeClock(1_700_000_000_500)
    const service = newService({ clock, iceServers: [stun], turn: { ...turn, ttl: 60_000 } })
    const [ada, bob] = [addUser(service, codec), addUser(service, codec)]
    // The expiry is in whole seconds, and not earlier than promised.
    const username = `1700000061:${ada.id}`
    const expected = {
      iceServers: [stun, { urls: turn.urls, username, credential: credential(username) }],
      expiresIn: 60_500,
    }
    t.strictSame(await ada.ask('ice'), expected)
    t.match(await ada.ask('hello', {}), { ice: expected })
    t.match(await bob.ask('ice'), { iceServers: [stun, { username: `1700000061:${bob.id}` }] })
    clock.advance(10_000)
    t.match(await ada.ask('ice'), { iceServers: [stun, { username: `1700000071:${ada.id}` }] })
    t.match(
      await service.iceServers(),
      { iceServers: [stun, { username: /^1700000071:\d+$/ }] },
      'credentials for HTTP',
    )
  })
}

t.test('TURN credentials last an hour by default', async (t) => {
  const clock = fakeClock(1_700_000_000_000)
  t.match(await newService({ clock, turn }).iceServers(), { expiresIn: 3_600_000 })
})

t.test('only identified users receive TURN credentials', async (t) => {
  const service = closedService({ turn })
  const ada = addUser(service, 'msgpack')
  t.match(await ada.ask('ice'), { code: 'unauthorized' })
  t.match(await ada.ask('hello', {}), { code: 'unauthorized' })
  t.notMatch(JSON.stringify(ada.take()), 'credential')
  t.strictSame(await service.iceServers(), { iceServers: [] })
  const asker = await service.identify(tokenOf({ auth: 'ada' }))
  t.match(await service.iceServers(asker), { iceServers: [{ urls: turn.urls }] })
  const bob = await addKnown(service, { auth: 'bob' })
  t.match(await bob.ask('ice'), { iceServers: [{ urls: turn.urls }] })
})

t.test('a user that leaves before the answer to hello receives nothing', async (t) => {
  const service = newService({ turn })
  const ada = addUser(service, 'msgpack')
  ada.take()
  const asked = ada.ask('hello', { info: { a: 1 } })
  ada.leave()
  await asked
  t.strictSame(ada.take(), [])
  t.equal(service.users.size, 0)
})
