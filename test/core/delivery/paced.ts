/** Compares paced delivery with a plain one in random histories. */
import fc from 'fast-check'
import t from 'tap'
import { type Addressed, event, type Outgoing, PacedDelivery } from '../../../src/core/delivery/mod.ts'
import { FanOut } from '../../../src/core/fan-out/mod.ts'
import type { UserType } from '../../../src/core/mod.ts'
import { SUBPROTOCOL } from '../../../src/protocol/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addUser, join, newService, read, type Told } from '../fixture/user.ts'

const [USERS, SLICE, FEW] = [5, 64, 16]

/** A paced delivery to users that only record. */
class World {
  timers: (() => void)[] = []
  /** What requests with many messages may still deliver in this turn. */
  left = SLICE
  readonly counts = { pending: 0 }
  readonly users = Array.from({ length: USERS }, (_, uuid) => ({ uuid })) as UserType[]
  /** What each user should receive in all, and what it has received. */
  readonly due = this.users.map((): Outgoing[] => [])
  readonly got = this.users.map((): Outgoing[] => [])
  readonly paced = new PacedDelivery({
    delivery: {
      deliver: (user, message) => {
        this.got[user.uuid]?.push(message)
        return 'sent'
      },
    },
    clock: {
      ...fakeClock(),
      setTimeout: (callback) => this.timers.push(callback),
      clearTimeout: () => this.timers.pop(),
    },
    counts: this.counts,
  })

  address(nth: number): Addressed {
    const message = event('rooms', [])
    this.due[nth]?.push(message)
    return [this.users[nth] as UserType, message]
  }

  /** Runs one turn, if one is due. */
  turn(): void {
    if (this.timers.length > 1) throw new Error('Two timers run')
    this.timers.pop()?.()
  }

  get delivered(): number {
    return this.got.reduce((sum, { length }) => sum + length, 0)
  }
}

const nth = fc.nat({ max: USERS - 1 })
const step = fc.oneof(
  fc.array(nth, { maxLength: 300, size: 'max' }).map((recipients) => (world: World) => {
    const before = world.delivered
    world.paced.deliverAll(recipients.map((nth) => world.address(nth)))
    if (recipients.length <= FEW) return
    if (world.delivered - before > world.left) throw new Error('Too many messages were delivered in a turn')
    world.left = Math.max(0, world.left - recipients.length)
  }),
  nth.map((nth) => (world: World) => {
    world.paced.deliver(...world.address(nth))
  }),
  nth.map((nth) => (world: World) => {
    const [user, message] = world.address(nth)
    world.paced.deliver(user, message, user)
    if (world.got[nth]?.at(-1) !== message) throw new Error('A relay waits')
  }),
  nth.map((nth) => (world: World) => {
    world.paced.forget(world.users[nth] as UserType)
    world.due[nth] = [...(world.got[nth] as Outgoing[])]
  }),
  nth.map((nth) => (world: World) => {
    world.paced.catchUp(world.users[nth] as UserType)
    if (world.got[nth]?.length !== world.due[nth]?.length) throw new Error('A message still waits')
  }),
  fc.constant((world: World) => {
    const before = world.delivered
    const due = Math.min(SLICE, world.counts.pending)
    if (world.timers.length === 0 && world.left < SLICE) throw new Error('No turn comes')
    world.turn()
    world.left = SLICE - due
    if (world.delivered - before !== due) throw new Error('A turn delivers another number of messages')
  }),
)

t.test('every user receives everything once and in order, and nothing is left', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const world = new World()
      for (const step of steps) {
        step(world)
        const waits = world.due.reduce((sum, { length }) => sum + length, 0) - world.delivered
        if (waits !== world.counts.pending) throw new Error(`${world.counts.pending} messages wait, not ${waits}`)
      }
      while (world.timers.length > 0) world.turn()
      for (const [i, due] of world.due.entries()) {
        if (due.some((message, at) => world.got[i]?.[at] !== message)) throw new Error('Another order')
      }
      if (world.counts.pending > 0) throw new Error('Something is left')
    }),
  )
  t.end()
})

t.test('users take turns, so one for whom much waits delays nobody', (t) => {
  const world = new World()
  world.paced.deliverAll(Array.from({ length: 1_000 }, () => world.address(0)))
  world.paced.deliverAll([...Array.from({ length: SLICE }, () => world.address(4)), world.address(1)])
  t.strictSame(world.got[1], [])
  world.turn()
  t.equal(world.got[1]?.length, 1)
  t.equal(world.counts.pending, 1_001 - SLICE)
  world.paced.clear()
  t.strictSame([world.counts.pending, world.timers], [0, []])
  t.end()
})

t.test('requests share the slice of a turn', (t) => {
  const world = new World()
  const many = (): Addressed[] => Array.from({ length: 40 }, (_, i) => world.address(i % USERS))
  for (let i = 0; i < 10; i++) world.paced.deliverAll(many())
  t.equal(world.delivered, SLICE)
  world.paced.deliverAll(many().slice(0, FEW))
  t.equal(world.counts.pending, 400 - SLICE + FEW, 'few messages wait behind others to the same users')
  world.turn()
  t.equal(world.delivered, 2 * SLICE)
  t.end()
})

t.test('while too much waits, requests that send much are refused', (t) => {
  const world = new World()
  const counts = { pending: 0, budgets: 0, limited: {} }
  const fanOut = new FanOut({
    delivery: world.paced,
    codec: 'msgpack',
    clock: fakeClock(),
    limits: { fanOutPerSecond: 262_144 },
    counts,
  })
  const user = { uuid: 9, ws: { protocol: SUBPROTOCOL } } as UserType
  for (let i = 0; i < 65_536; i++)
    world.paced.deliverAll(Array.from({ length: 20 }, (_, i) => world.address(i % USERS)))
  t.ok(world.counts.pending <= 2 * 262_144 + 20, 'messages are delivered at once before more wait')
  while (world.counts.pending >= 262_144) {
    t.throws(() => fanOut.check(user, 5_000), /all users together .* wait \d+ ms$/)
    fanOut.check(user, 4_000)
    for (let i = 0; i < 1_000; i++) world.turn()
  }
  fanOut.check(user, 5_000)
  t.end()
})

t.test('in a large room, an offer arrives after the event about its sender, and nobody else waits', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const people = Array.from({ length: 200 }, () => addUser(service, 'msgpack'))
  for (const person of people) join(service, 'lecture', person)
  const [first, last] = [people[0], people.at(-1)] as [(typeof people)[0], (typeof people)[0]]
  clock.advance(10_000)
  for (const person of people) person.take()
  const newcomer = addUser(service, 'msgpack')
  newcomer.take()
  join(service, 'lecture', newcomer)
  t.match(first.take(), [{ event: 'connect', data: { id: newcomer.id } }])
  t.strictSame(last.take(), [], 'the last one waits')
  t.ok(service.counts.pending > 300)
  await newcomer.relay('offer', last.id, 'sdp')
  t.match(last.take(), [{ event: 'connect' }, { relay: 'offer', from: newcomer.id }])
  await newcomer.ask('info', {})
  newcomer.leave()
  clock.advance(1_000)
  t.equal(service.counts.pending, 0)
  t.match(last.take(), [{ event: 'disconnectPeer', data: { id: newcomer.id } }])
  for (const person of people) t.equal(person.sent.map(read).filter(isAbout(newcomer.id)).length, 2)
})

const isAbout = (id: number) => (told: Told) => 'event' in told && (told.data as { id?: number }).id === id
