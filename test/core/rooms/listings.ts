/** The service caches the listing of a room. It must still show the room as it is. */
import t from 'tap'
import type { RoomInfo } from '../../../src/core/mod.ts'
import { decodeFrame, encodeFrame } from '../../../src/protocol/mod.ts'
import { addUser, codecs, join, newService, type TestUser } from '../fixture/user.ts'

const listed = async (user: TestUser): Promise<RoomInfo[]> =>
  ((await user.ask('rooms', null)) as { data: RoomInfo[] }).data

for (const codec of codecs) {
  t.test(`${codec}: the listing is correct after every change of a room`, async (t) => {
    const service = newService({ codec: 'json' })
    const [ada, bob, cid] = [addUser(service, codec, 'ada'), addUser(service, codec, 'bob'), addUser(service, codec)]
    const same = async (what: string) => {
      const rooms = [...service.rooms.values()].map((room) => room.export())
      cid.take()
      t.strictSame(await listed(cid), rooms, what)
      t.strictSame(cid.take(), [{ ok: { cmd: 'rooms', data: rooms }, seq: cid.asked }], `${what}, as it was sent`)
      const late = addUser(service, codec)
      t.match(
        late.take().at(-1),
        { event: 'rooms', data: codec === 'json' ? rooms : [] },
        `${what}, as it is sent at first`,
      )
      late.leave()
    }
    const uuid = join(service, 'lab', ada)
    await same('created and joined')
    join(service, 'lab', bob)
    await same('joined')
    await bob.ask('disconnect', { uuid })
    await same('left')
    await ada.ask('restrict', { uuid, restrictions: { max: 3 } })
    await same('restricted')
    ada.leave()
    await same('left by a user that is removed')
  })

  t.test(`${codec}: a listing has no rooms that its receiver may not see`, async (t) => {
    const service = newService({ codec: 'json' })
    const [ada, bob] = [addUser(service, codec, 'ada'), addUser(service, codec, 'bob')]
    join(service, 'open', ada)
    const { uuid } = await service.createRoom({ name: 'hidden', restrictions: { users: ['ada'] } }, ada.id)
    const names = async (user: TestUser) => (await listed(user)).map(({ name }) => name)
    t.strictSame(await names(ada), ['open', 'hidden'])
    t.strictSame(await names(bob), ['open'])
    t.notMatch(JSON.stringify(bob.take()), 'hidden')
    await ada.ask('restrict', { uuid, restrictions: {} })
    t.strictSame(await names(bob), ['open', 'hidden'])
    await ada.ask('restrict', { uuid, restrictions: { users: [] } })
    t.strictSame(await names(bob), ['open'])
    const late = addUser(service, codec, 'bob')
    t.match(late.take().at(-1), { event: 'rooms', data: codec === 'json' ? [{ name: 'open' }] : [] })
    t.notMatch(JSON.stringify([late.take(), service.publicRooms()]), 'hidden')
  })
}

for (const codec of codecs) {
  t.test(`${codec}: a listing has pages, which stay in order when rooms come and go`, async (t) => {
    const service = newService({ limits: { listedRooms: 3 } })
    const [ada, bob] = [addUser(service, 'msgpack', 'ada'), addUser(service, codec, 'bob')]
    const made = new Map<string, number>()
    const make = async (name: string, restrictions?: { users: string[] }) =>
      made.set(name, (await service.createRoom({ name, ...(restrictions && { restrictions }) }, ada.id)).uuid)
    for (let i = 0; i < 8; i++) await make(`room ${i}`)
    await make('hidden', { users: ['ada'] })
    const page = async (request: object) => {
      const { data, next } = (await bob.ask('rooms', request)) as { data: RoomInfo[]; next?: number }
      return { names: data.map(({ name }) => name).join(), next }
    }
    const first = await page({})
    t.equal(first.names, 'room 0,room 1,room 2')
    for (const name of ['room 1', 'room 2', 'room 3']) await ada.ask('closeroom', { uuid: made.get(name) })
    const second = await page({ after: first.next })
    t.equal(second.names, 'room 4,room 5,room 6', 'the cursor outlives its room')
    await make('late')
    t.strictSame(await page({ after: second.next }), { names: 'room 7,late', next: undefined })
    t.strictSame(await page({ after: Number.MAX_SAFE_INTEGER }), { names: '', next: undefined })
    t.match(await page({ prefix: 'room' }), { names: 'room 0,room 4,room 5', next: Number })
    t.strictSame(await page({ prefix: 'l' }), { names: 'late', next: undefined })
  })
}

t.test('each page has a room, however long its entry is', async (t) => {
  const service = newService({ limits: { listedLength: 1 } })
  const ada = addUser(service, 'msgpack')
  for (const name of ['a', 'b']) await service.createRoom({ name }, ada.id)
  const { next } = (await ada.ask('rooms')) as { next: number }
  t.match(await ada.ask('rooms', { after: next }), { data: [{ name: 'b' }], next: undefined })
})

t.test('nobody can change the listing that publicRooms() returns', async (t) => {
  const service = newService()
  const ada = addUser(service, 'msgpack')
  join(service, 'lab', ada)
  const [room] = service.publicRooms() as [RoomInfo]
  t.throws(() => room.peers.push(5), TypeError)
  t.throws(() => Object.assign(room, { name: 'x' }), TypeError)
  t.match(service.publicRooms(), [{ name: 'lab', peers: [ada.id] }])
})

t.test('a listing has the same bytes as one that is encoded at once', async (t) => {
  const service = newService()
  const ada = addUser(service, 'msgpack')
  for (let i = 0; i < 20; i++) join(service, `room ${i}`, ada)
  await ada.ask('rooms')
  const sent = ada.sent.at(-1) as Uint8Array
  t.equal(Buffer.compare(sent, encodeFrame(decodeFrame(sent))), 0)
})
