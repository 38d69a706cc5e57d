/** What a token permits. A room that a user may not see looks like one that does not exist. */
import t from 'tap'
import type { RoomInfo } from '../../src/core/mod.ts'
import { addKnown, closedService, tokenOf } from './fixture/identified.ts'
import { addUser, codecs, join, newService, subscribe, type TestUser } from './fixture/user.ts'

for (const codec of codecs) {
  t.test(`${codec}: a user can use only rooms that its token names`, async (t) => {
    const service = closedService()
    const ada = await addKnown(service, { auth: 'ada' })
    const bob = await addKnown(service, { auth: 'bob', rooms: ['lab-*', 'hall'] }, codec)
    await subscribe(bob)
    const [lab, attic] = [join(service, 'lab-7', ada), join(service, 'attic', ada)]
    t.match(bob.take(), [{ event: 'roomadded', data: { uuid: lab } }])
    t.match(await bob.ask('rooms'), { data: [{ uuid: lab }] })
    t.equal(((await bob.ask('rooms')) as { data: RoomInfo[] }).data.length, 1)
    t.match(await bob.ask('connect', { room: { uuid: lab } }), { peers: [ada.id, bob.id] })
    t.match(await bob.ask('connect', { room: { uuid: attic } }), { code: 'room-not-found' })
    t.match(await bob.ask('connect', { room: { name: 'attic' } }), { code: 'room-not-found' })
    const forbidden = { code: 'forbidden', reason: 'not-permitted' }
    t.match(await bob.ask('connect', { room: { name: 'attic' }, create: true }), forbidden)
    t.match(
      await bob.ask('connect', { room: { name: 'cellar' }, create: true }),
      forbidden,
      'the error does not depend on whether the room exists',
    )
    t.match(await bob.ask('createroom', { name: 'cellar' }), forbidden)
    t.match(await bob.ask('createroom', {}), forbidden, 'the generated name of a nameless room is not permitted')
    t.match(await bob.ask('createroom', { name: 'hall' }), { name: 'hall' })
  })

  t.test(`${codec}: the form of a room's name does not matter, in requests and in tokens`, async (t) => {
    const [composed, decomposed] = ['Z\u00fcrich', 'Zu\u0308rich']
    const service = closedService()
    const ada = await addKnown(service, { auth: 'ada', name: decomposed, rooms: [`${decomposed}*`] }, codec)
    const bob = await addKnown(service, { auth: 'bob', rooms: [composed] }, codec)
    const made = (await ada.ask('connect', { room: { name: decomposed }, create: true })) as RoomInfo
    t.equal(made.name, composed)
    t.match(await bob.ask('connect', { room: { name: composed }, create: true }), { uuid: made.uuid })
    t.match(await bob.ask('disconnect', { uuid: made.uuid }), { cmd: 'roomclosed' })
    t.match(await bob.ask('connect', { room: { name: decomposed } }), { uuid: made.uuid })
    t.equal(service.rooms.size, 1)
    t.strictSame(service.users.get(ada.id)?.info, { name: composed })
    t.equal(service.users.get(ada.id)?.identity?.name, composed)
  })

  t.test(`${codec}: a token can forbid creating rooms`, async (t) => {
    const service = closedService()
    const ada = await addKnown(service, { auth: 'ada', create: false }, codec)
    const forbidden = { code: 'forbidden', reason: 'not-permitted' }
    t.match(await ada.ask('createroom', { name: 'lab' }), forbidden)
    t.match(await ada.ask('connect', { room: { name: 'lab' }, create: true }), forbidden)
    t.equal(service.rooms.size, 0)
    join(service, 'lab', await addKnown(service, { auth: 'bob' }))
    t.match(
      await ada.ask('connect', { room: { name: 'lab' }, create: true }),
      { name: 'lab' },
      'the user can join an existing room',
    )
  })

  t.test(`${codec}: a token can forbid publishing and subscribing`, async (t) => {
    const service = closedService()
    const ada = await addKnown(service, { auth: 'ada' }, codec)
    const mute = await addKnown(service, { auth: 'mute', publish: false }, codec)
    const deaf = await addKnown(service, { auth: 'deaf', subscribe: false }, codec)
    join(service, 'lab', ada, mute, deaf)
    const told = ada.take().flatMap((told) => ('event' in told && told.event === 'connect' ? [told.data] : []))
    t.match(told, [
      { id: mute.id, publish: false },
      { id: deaf.id, subscribe: false },
    ])
    t.notOk(
      'subscribe' in (told[0] as object) || 'publish' in (told[1] as object),
      'connect says only what is forbidden',
    )
    t.match(
      deaf.take().filter((told) => 'event' in told && told.event === 'connect'),
      [{ data: { id: ada.id } }, { data: { id: mute.id, publish: false } }],
    )
    mute.take()
    const forbidden = { code: 'forbidden', reason: 'not-permitted' }
    t.match(await mute.relay('data', ada.id, 1), forbidden)
    t.match(await ada.relay('data', deaf.id, 1), forbidden)
    t.equal(await deaf.relay('data', ada.id, 1), undefined)
    t.equal(await ada.relay('data', mute.id, 1), undefined)
    t.equal(await mute.relay('offer', deaf.id, 1), undefined, 'offers are permitted')
    t.throws(() => service.pass('data', mute.id, ada.id, 1), forbidden)
    t.match(
      ada.take().filter((told) => 'relay' in told),
      [{ relay: 'data', from: deaf.id }],
    )
  })

  t.test(`${codec}: a room that a user may not see looks like one that does not exist`, async (t) => {
    // Compare two services that differ in a room hidden from Eve: her answers and the counts must be equal.
    const worlds = []
    for (const hidden of [true, false]) {
      const service = closedService()
      const ada = await addKnown(service, { auth: 'ada' })
      const eve = await addKnown(service, { auth: 'eve' }, codec)
      const { uuid } = hidden
        ? await service.createRoom({ name: 'private', restrictions: { users: ['ada'] } }, ada.id)
        : { uuid: 4_503_599_627_370_495 }
      if (hidden) await ada.ask('connect', { room: { uuid } })
      const peer = hidden ? ada.id : 4_503_599_627_370_497
      const answers = [
        await eve.ask('rooms'),
        await eve.ask('connect', { room: { uuid } }),
        await eve.ask('connect', { room: { uuid }, create: true }),
        await eve.ask('connect', { room: { name: 'private' } }),
        await eve.ask('connect', { room: { uuid }, auth: 'ada' }),
        await eve.ask('disconnect', { uuid }),
        await eve.ask('closeroom', { uuid }),
        await eve.ask('kick', { uuid, peer }),
        await eve.ask('restrict', { uuid, restrictions: { users: ['eve'] } }),
        await eve.relay('offer', peer, 1),
        await eve.ask('hello', { token: tokenOf({ auth: 'eve' }) }),
      ]
      if (hidden) await ada.ask('closeroom', { uuid })
      const text = JSON.stringify([answers, eve.take(), service.counts.refused])
      worlds.push(text.replaceAll(String(eve.id), 'eve').replaceAll(String(peer), 'peer'))
      t.notMatch(text, String(uuid))
    }
    t.equal(worlds[0], worlds[1])
  })
}

for (const codec of codecs) {
  t.test(`${codec}: connect says who a peer is by its token, beside what the peer says of itself`, async (t) => {
    const service = closedService()
    const ada = await addKnown(service, { auth: 'ada', name: 'Ada L.' }, codec)
    const eve = await addKnown(service, { auth: 'eve' }, codec)
    // Everything in an info is the peer's own word.
    const info = {
      name: 'Ada L.',
      auth: 'ada',
      verified: true,
      identity: { auth: 'ada' },
      id: ada.id,
      room: 5,
      link: 5,
    }
    await eve.ask('info', info)
    const uuid = join(service, 'lab', ada, eve)
    const connect = (user: TestUser) =>
      user
        .take()
        .flatMap((told) => ('event' in told ? [told] : []))
        .at(-1)
    const pair = { room: uuid, initiator: eve.id, link: Number }
    t.match(connect(ada), { event: 'connect', data: { id: eve.id, info, verified: true, auth: 'eve', ...pair } })
    t.match(connect(eve), {
      event: 'connect',
      data: { id: ada.id, info: { name: 'Ada L.' }, verified: true, auth: 'ada', name: 'Ada L.', ...pair },
    })
    await eve.ask('disconnect', { uuid })
    await eve.ask('connect', { room: { uuid }, info: { name: 'Ada', verified: true }, auth: 'ada', verified: true })
    const again = connect(ada) as { data: object }
    t.match(again.data, { auth: 'eve', info: { name: 'Ada' } })
    t.notOk('name' in again.data, 'a token without a name verifies none')
  })

  t.test(`${codec}: on an open server, no field of connect says who a peer is`, async (t) => {
    const service = newService({ authenticate: (token) => token })
    const [ada, eve] = [addUser(service, codec, 'ada'), addUser(service, codec, 'eve')]
    await eve.ask('hello', { token: 'ada', info: { name: 'Ada', verified: true } })
    join(service, 'lab', ada, eve)
    for (const user of [ada, eve]) {
      const [connect] = user.take().filter((told) => 'event' in told && told.event === 'connect')
      const fields = Object.keys((connect as { data: object }).data)
      t.strictSame(fields.sort(), ['id', 'info', 'initiator', 'link', 'room'])
    }
  })
}

t.test('an identity without an auth verifies nobody', async (t) => {
  const service = newService()
  const [ada, bob] = [addUser(service, 'json', 'ada'), addUser(service, 'json', 'bob')]
  service.removeUser(bob.ws)
  service.addUser(bob.ws, { auth: '', publish: false })
  join(service, 'lab', ada, bob)
  const connect = ada.take().at(-1) as { data: object }
  t.match(connect.data, { id: bob.id, publish: false })
  t.notOk('verified' in connect.data)
})

t.test('restrictions match verified users and nobody else', async (t) => {
  const service = closedService()
  const ada = await addKnown(service, { auth: 'ada' })
  const bob = await addKnown(service, { auth: 'bob' })
  await subscribe(bob)
  const room = await service.createRoom({ name: 'private', restrictions: { users: ['bob'] } }, ada.id)
  t.match(bob.take(), [{ event: 'roomadded', data: { uuid: room.uuid } }])
  t.match(await bob.ask('connect', { room: { name: 'private' } }), { uuid: room.uuid })
  t.match(await ada.ask('connect', { room: { name: 'private' } }), { uuid: room.uuid }, 'the owner can join too')
  t.strictSame(
    service.publicRooms(await service.identify(tokenOf({ auth: 'bob' }))).length,
    1,
    'HTTP lists the room too',
  )
  t.strictSame(service.publicRooms(await service.identify(tokenOf({ auth: 'eve' }))), [])
  t.strictSame(service.publicRooms(await service.identify(tokenOf({ auth: 'root', admin: true }))).length, 1)
})
