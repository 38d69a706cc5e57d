/** Random histories of a service beside a plain model of it: everybody must be told the same, in the same order. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { RoomSettings, WebRTCService } from '../../src/core/mod.ts'
import { type FakeClock, fakeClock } from './fixture/clock.ts'
import { exported, limits, Model, type ModelRoom, type ModelUser, ttl } from './fixture/model.ts'
import { addUser, type Codec, newService, type TestUser, type Told } from './fixture/user.ts'

interface Real {
  service: WebRTCService
  clock: FakeClock
  users: Map<number, TestUser>
}

type Command = fc.AsyncCommand<Model, Real>

/** A command by the nth of those connected. */
function command(
  name: string,
  nth: number,
  run: (model: Model, user: ModelUser, real: Real, own: TestUser) => Promise<void>,
): Command {
  return {
    check: (model) => model.users.length > 0,
    async run(model, real) {
      const user = model.users[nth % model.users.length] as ModelUser
      await run(model, user, real, real.users.get(user.id) as TestUser)
      compare(model, real)
    },
    toString: () => `${name} by the ${nth}th`,
  }
}

const arrive = (auth: string, codec: Codec): Command => ({
  check: () => true,
  async run(model, real) {
    if (model.users.length >= limits.users) {
      t.throws(() => addUser(real.service, codec, auth), { code: 'server-full' })
      return
    }
    const own = addUser(real.service, codec, auth)
    real.users.set(own.id, own)
    model.add({ id: own.id, auth, codec, info: {}, told: [] }, 262_144)
    compare(model, real)
  },
  toString: () => `${auth} arrives with ${codec}`,
})

const vanish = (nth: number): Command =>
  command('vanish', nth, async (model, user, real, own) => {
    own.leave()
    real.users.delete(user.id)
    model.remove(user)
  })

const create = (nth: number, settings: RoomSettings): Command =>
  command(`createroom ${JSON.stringify(settings)}`, nth, async (model, user, real, own) => {
    const before = new Set(real.service.rooms.keys())
    const seq = await ask(own, 'createroom', settings)
    answer(user, seq, model.create(user, settings, newest(real, before)))
  })

const enter = (nth: number, room: number, settings: RoomSettings | undefined, make: boolean, name: string): Command =>
  command(
    `connect ${settings ? JSON.stringify(settings) : room} ${make} as ${name}`,
    nth,
    async (model, user, real, own) => {
      const before = new Set(real.service.rooms.keys())
      const wanted = settings ?? { uuid: model.rooms[room]?.uuid ?? 5 }
      const seq = await ask(own, 'connect', { room: wanted, create: make, info: { name } })
      const info = user.info
      user.info = { ...info, name }
      const result = model.join(user, wanted, make, newest(real, before))
      if ('code' in result) user.info = info
      answer(user, seq, result)
    },
  )

const leave = (nth: number, room: number | undefined): Command =>
  command(`disconnect ${room}`, nth, async (model, user, _real, own) => {
    const wanted = room === undefined ? undefined : model.rooms[room]
    const seq = await ask(own, 'disconnect', room === undefined ? null : { uuid: wanted?.uuid ?? 5 })
    if (room === undefined) for (const each of model.roomsOf(user).slice()) model.leave(user, each)
    else if (wanted?.peers.includes(user.id)) model.leave(user, wanted)
    else return void user.told.push({ error: { code: 'not-in-room', reason: 'not-in-room' }, seq })
    user.told.push({ ok: { cmd: 'roomclosed' }, seq })
  })

const relay = (nth: number, to: number, msg: string): Command =>
  command(`relay to the ${to}th`, nth, async (model, user, _real, own) => {
    const peer = model.users[to]?.id ?? 5
    await own.relay('signal', peer, { msg })
    const error = model.relay(user, peer, { msg })
    if (error !== undefined) user.told.push({ error: { ...error, peer }, seq: 0 })
  })

const list = (nth: number): Command =>
  command('rooms', nth, async (model, user, _real, own) => {
    const seq = await ask(own, 'rooms', null)
    user.told.push({ ok: { cmd: 'rooms', data: model.listing(user) }, seq })
  })

const wait = (ms: number): Command => ({
  check: () => true,
  async run(model, real) {
    real.clock.advance(ms)
    model.advance(ms)
    compare(model, real)
  },
  toString: () => `${ms} ms pass`,
})

const nth = fc.nat({ max: limits.users - 1 })
const auth = fc.constantFrom('ada', 'bob', 'cid')
const settings: fc.Arbitrary<RoomSettings> = fc.record(
  {
    name: fc.constantFrom('lab', 'hall'),
    restrictions: fc.record(
      { users: fc.subarray(['ada', 'bob']), max: fc.integer({ min: 1, max: 3 }) },
      { requiredKeys: [], noNullPrototype: true },
    ),
  },
  { requiredKeys: ['name'], noNullPrototype: true },
)
const nameless = settings.map(({ restrictions }) => (restrictions === undefined ? {} : { restrictions }))
const arrivals = fc.tuple(auth, fc.constantFrom<Codec>('msgpack', 'json')).map((args) => arrive(...args))
const room = fc.nat({ max: limits.rooms })
const entries = fc
  .tuple(nth, room, fc.option(settings, { nil: undefined, freq: 2 }), fc.boolean(), fc.constantFrom('A', 'B'))
  .map((args) => enter(...args))
const relayed = fc.tuple(nth, nth, fc.string()).map((args) => relay(...args))
// What is named twice comes twice as often.
const commands = [
  arrivals,
  arrivals,
  nth.map(vanish),
  fc.tuple(nth, fc.oneof(settings, nameless)).map((args) => create(...args)),
  entries,
  entries,
  entries,
  fc.tuple(nth, fc.option(room, { nil: undefined })).map((args) => leave(...args)),
  relayed,
  relayed,
  nth.map(list),
  fc.integer({ min: 1, max: ttl }).map(wait),
]

t.test('any history', async (t) => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), async (history) => {
      const clock = fakeClock()
      const service = newService({ clock, limits, emptyRoomTtl: ttl })
      const setup = async () => {
        const [model, real]: [Model, Real] = [new Model(), { service, clock, users: new Map() }]
        for (const first of [arrive('ada', 'msgpack'), arrive('bob', 'json'), arrive('cid', 'msgpack')])
          await first.run(model, real)
        return { model, real }
      }
      await fc.asyncModelRun(setup, history)
      for (const code of Object.keys(service.counts.refused)) seen.add(code)
      if (service.counts.relayed > 0) seen.add('relayed')
    }),
    { numRuns: 500 },
  )
  const all = ['forbidden', 'not-in-room', 'peer-not-found', 'relayed', 'room-full', 'room-not-found', 'server-full']
  t.strictSame([...seen].sort(), all, 'and there was everything in them')
})

/** Sends a request; its seq. */
async function ask(
  own: TestUser,
  name: 'createroom' | 'connect' | 'disconnect' | 'rooms',
  body: unknown,
): Promise<number> {
  await own.ask(name, body)
  return own.asked
}

function answer(user: ModelUser, seq: number, result: ModelRoom | { code: string; reason: string }): void {
  user.told.push('code' in result ? { error: result, seq } : { ok: exported(result), seq })
}

/** The uuid of a room that the service has just made; 0 where it made none. */
const newest = (real: Real, before: Set<number>): number =>
  [...real.service.rooms.keys()].find((uuid) => !before.has(uuid)) ?? 0

function compare(model: Model, real: Real): void {
  for (const user of model.users) {
    const told = (real.users.get(user.id) as TestUser).take()
    same(told.map(withoutLink), user.told.splice(0), `what ${user.auth} was told`)
  }
  const rooms = [...real.service.rooms.values()].map((room) => room.export())
  same(rooms, model.rooms.map(exported), 'the rooms')
  same(real.clock.waiting, rooms.filter(({ peers }) => peers.length === 0).length, 'the timers that wait')
}

function same(found: unknown, wanted: unknown, what: string): void {
  if (isDeepStrictEqual(found, wanted)) return
  throw new Error(`Cannot go on as ${what} must be ${JSON.stringify(wanted)}: it is ${JSON.stringify(found)}`)
}

function withoutLink(told: Told): Told {
  if (!('event' in told) || told.event !== 'connect') return told
  return { ...told, data: { ...(told.data as object), link: 0 } }
}
