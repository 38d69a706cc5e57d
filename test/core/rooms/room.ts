import t from 'tap'
import { Room, type RoomInfo, type UserType } from '../../../src/core/mod.ts'
import { isId, SUBPROTOCOL } from '../../../src/protocol/mod.ts'
import { read, type Told } from '../fixture/user.ts'

interface Guest extends UserType {
  take(): Told[]
}

let last = 0
function guest(auth = '', protocol = SUBPROTOCOL): Guest {
  const told: Told[] = []
  const uuid = ++last
  const ws = { id: uuid, protocol, send: (data: string | Uint8Array) => told.push(read(data)) }
  return { uuid, auth, ws, info: { auth }, take: () => told.splice(0) }
}

t.test('a room without settings has defaults', async (t) => {
  const room = new Room(7)
  t.ok(isId(room.uuid))
  t.equal(room.name, String(room.uuid))
  t.equal(room.initiator, 7)
  t.strictSame(room.restrictions, {})
  t.equal(room.peers.size, 0)
  t.equal(room.empty, true)
  t.not(new Room(7).uuid, room.uuid)
})

t.test('a room has its name and restrictions from the settings', async (t) => {
  const settings = { name: 'lab', restrictions: { users: ['ada'], max: 2 } }
  const room = new Room(7, settings)
  t.equal(room.name, 'lab')
  t.strictSame(room.restrictions, { users: ['ada'], max: 2 })
})

t.test('export() returns a copy of the room', async (t) => {
  const room = new Room(7, { name: 'lab', restrictions: { max: 2 } })
  const ada = guest()
  room.addPeer(ada)
  const exported: RoomInfo = room.export()
  t.strictSame(exported, { uuid: room.uuid, name: 'lab', initiator: 7, restrictions: { max: 2 }, peers: [ada.uuid] })
  exported.peers.push(1)
  exported.restrictions.max = 100
  t.strictSame(room.export().peers, [ada.uuid])
  t.strictSame(room.restrictions, { max: 2 })
  t.strictSame(JSON.parse(JSON.stringify(room.export())), room.export())
})

t.test('addPeer notifies the newcomer and the other peers of each other', async (t) => {
  const room = new Room(0)
  const [ada, bob, cid] = [guest('ada'), guest('bob', SUBPROTOCOL), guest('cid')]
  room.addPeer(ada)
  t.strictSame(ada.take(), [], 'the first peer receives nothing')
  room.addPeer(bob)
  t.equal(room.empty, false)
  const pair = { room: room.uuid, initiator: bob.uuid, link: 1 }
  t.strictSame(ada.take(), [{ event: 'connect', data: { id: bob.uuid, info: { auth: 'bob' }, ...pair } }])
  t.strictSame(bob.take(), [{ event: 'connect', data: { id: ada.uuid, info: { auth: 'ada' }, ...pair } }])
  room.addPeer(cid)
  t.match(cid.take(), [{ data: { id: ada.uuid, link: 2 } }, { data: { id: bob.uuid, link: 3 } }])
  t.match(ada.take(), [{ data: { id: cid.uuid, initiator: cid.uuid, link: 2 } }])
  t.match(bob.take(), [{ data: { id: cid.uuid, initiator: cid.uuid, link: 3 } }])
})

t.test('addPeer rejects a duplicate, a user that is not allowed, and one too many', async (t) => {
  const [ada, bob, cid, eve] = [guest('ada'), guest('bob'), guest('cid'), guest('eve')]
  const room = new Room(0, { restrictions: { users: ['ada', 'bob', 'cid'], max: 2 } })
  room.addPeer(ada)
  t.throws(() => room.addPeer(ada), { code: 'forbidden', reason: 'already-in-room' })
  t.throws(() => room.addPeer(eve), { code: 'room-not-found' })
  room.addPeer(bob)
  for (const user of [ada, bob]) user.take()
  t.throws(() => room.addPeer(cid), { code: 'room-full' })
  t.throws(
    () => room.addPeer(eve),
    { code: 'room-not-found' },
    'a user that may not see the room does not learn that it is full',
  )
  t.strictSame([...room.peers.keys()], [ada.uuid, bob.uuid])
  for (const user of [ada, bob, cid, eve]) t.strictSame(user.take(), [], 'a rejected user causes no message')
  room.removePeer(ada.uuid)
  room.addPeer(cid)
  t.strictSame([...room.peers.keys()], [bob.uuid, cid.uuid], 'a user can join when another leaves')
})

t.test('check rejects as addPeer does, and changes nothing', async (t) => {
  const room = new Room(0, { restrictions: { max: 1 } })
  const [ada, bob] = [guest(), guest()]
  room.check(ada)
  t.equal(room.empty, true)
  room.addPeer(ada)
  t.throws(() => room.check(ada), { code: 'forbidden', reason: 'already-in-room' })
  t.throws(() => room.check(bob), { code: 'room-full' })
})

t.test('allows returns true for everybody, for listed users, or for the owner', async (t) => {
  t.equal(new Room(7).allows('anybody'), true)
  t.equal(new Room(7).allows(undefined), true)
  const room = new Room(7, { restrictions: { users: ['ada'] } })
  t.equal(room.allows('ada'), true)
  t.equal(room.allows('eve'), false)
  t.equal(room.allows(undefined), false)
  t.equal(room.allows('7'), false, 'an auth is not compared with ids')
  t.equal(room.allows('eve', 7), true)
  t.equal(room.allows('eve', 8), false)
  t.equal(new Room(0, { restrictions: { users: [] } }).allows('eve', 0), false, 'no user has the id of the host')
})

t.test('removePeer notifies the other peers once', async (t) => {
  const room = new Room(0)
  const [ada, bob, cid] = [guest('ada'), guest('bob', SUBPROTOCOL), guest('cid')]
  for (const user of [ada, bob, cid]) room.addPeer(user)
  for (const user of [ada, bob, cid]) user.take()
  room.removePeer(ada.uuid)
  room.removePeer(ada.uuid)
  room.removePeer(12345)
  const gone = [{ event: 'disconnectPeer', data: { id: ada.uuid, info: { auth: 'ada' }, room: room.uuid } }]
  t.strictSame(bob.take(), gone)
  t.strictSame(cid.take(), gone)
  t.strictSame(ada.take(), [])
  room.removePeer(bob.uuid)
  room.removePeer(cid.uuid)
  t.equal(room.empty, true)
})

t.test('joining and leaving a hundred times leaves nothing behind, and creates a new link each time', async (t) => {
  const room = new Room(0)
  const [ada, bob] = [guest(), guest()]
  room.addPeer(ada)
  const links = new Set<number>()
  for (let i = 0; i < 100; i++) {
    room.addPeer(bob)
    const [told] = bob.take() as unknown as [{ data: { link: number } }]
    links.add(told.data.link)
    room.removePeer(bob.uuid)
  }
  t.strictSame(
    [...links],
    [...links].sort((a, b) => a - b),
    'link numbers grow',
  )
  t.equal(links.size, 100)
  t.strictSame([...room.peers.keys()], [ada.uuid])
})
