/** Compares a service with a plain model in random histories. All users must receive the same messages in order. */
import fc from 'fast-check'
import t from 'tap'
import type { Restrictions, RoomSettings } from '../../src/core/mod.ts'
import { fakeClock } from './fixture/clock.ts'
import {
  arrive,
  create,
  describe,
  enter,
  helloAndEnter,
  leave,
  list,
  listen,
  type Real,
  relay,
  vanish,
  wait,
} from './fixture/commands.ts'
import { grace, limits, listedRooms, Model, tick, ttl } from './fixture/model.ts'
import { acknowledge, drop, goOn, keep } from './fixture/session-commands.ts'
import { type Claims, closeRoom, identify, kick, restrict } from './fixture/token-commands.ts'
import { type Codec, newService } from './fixture/user.ts'

/** Number of histories: 500, or MODEL_RUNS in the environment. */
const RUNS = Number(process.env.MODEL_RUNS ?? 500)

const nth = fc.nat({ max: limits.users - 1 })
const auth = fc.constantFrom('ada', 'bob', 'cid')
const restrictions: fc.Arbitrary<Restrictions> = fc.record(
  { users: fc.subarray(['ada', 'bob']), max: fc.constantFrom(1, 1, 2, 3) },
  { requiredKeys: [], noNullPrototype: true },
)
const claims: fc.Arbitrary<Claims> = fc.record(
  {
    auth,
    rooms: fc.subarray(['lab', 'hall', 'l*']),
    create: fc.boolean(),
    publish: fc.boolean(),
    subscribe: fc.boolean(),
    admin: fc.boolean(),
    lasts: fc.integer({ min: 1, max: 2 * ttl }),
  },
  { requiredKeys: ['auth'], noNullPrototype: true },
)
const settings: fc.Arbitrary<RoomSettings> = fc.record(
  {
    name: fc.constantFrom('lab', 'hall'),
    restrictions,
  },
  { requiredKeys: ['name'], noNullPrototype: true },
)
const nameless = settings.map(({ restrictions }) => (restrictions === undefined ? {} : { restrictions }))
const arrivals = fc.tuple(auth, fc.constantFrom<Codec>('msgpack', 'json')).map((args) => arrive(...args))
const room = fc.nat({ max: limits.rooms })
const prefix = fc.option(fc.constantFrom('', 'l', 'lab', 'ha'), { nil: undefined })
const name = fc.constantFrom('A', 'A', 'B', 'B', 'A long name')
const entries = fc
  .tuple(nth, room, fc.option(settings, { nil: undefined, freq: 2 }), fc.boolean(), name)
  .map((args) => enter(...args))
const greetings = fc
  .tuple(nth, fc.boolean(), room, fc.option(settings, { nil: undefined, freq: 2 }), fc.boolean(), name)
  .map((args) => helloAndEnter(...args))
const relayed = fc.tuple(nth, nth, fc.string()).map((args) => relay(...args))
const onTheWay = fc.nat({ max: 5 })
const resumes = fc.tuple(nth, fc.constantFrom(0, 0, 0, 1, 2, -1), onTheWay).map((args) => goOn(...args))
// A command that is listed twice comes twice as often.
const commands = [
  arrivals,
  arrivals,
  nth.map(vanish),
  fc.tuple(nth, fc.oneof(settings, nameless)).map((args) => create(...args)),
  entries,
  entries,
  entries,
  greetings,
  fc.tuple(nth, fc.option(room, { nil: undefined })).map((args) => leave(...args)),
  relayed,
  relayed,
  fc.tuple(nth, prefix, fc.integer({ min: 1, max: 3 })).map((args) => list(...args)),
  fc.tuple(nth, fc.boolean(), prefix).map((args) => listen(...args)),
  fc.tuple(nth, fc.constant(true), prefix).map((args) => listen(...args)),
  fc.tuple(nth, name).map((args) => describe(...args)),
  nth.map(keep),
  nth.map(keep),
  fc.tuple(nth, onTheWay).map((args) => drop(...args)),
  fc.tuple(nth, fc.constantFrom(0, 0, 0, 1)).map((args) => acknowledge(...args)),
  resumes,
  resumes,
  fc.integer({ min: 1, max: ttl }).map(wait),
  fc.integer({ min: 1, max: tick }).map(wait),
  fc.tuple(nth, claims).map((args) => identify(...args)),
  fc.tuple(nth, claims).map((args) => identify(...args)),
  fc.tuple(nth, room).map((args) => closeRoom(...args)),
  fc.tuple(nth, room, nth).map((args) => kick(...args)),
  fc.tuple(nth, room, restrictions).map((args) => restrict(...args)),
]

t.test('users receive the messages that the model expects, in any history', async (t) => {
  const outcomes = ['displaced', 'expired', 'recovered', 'refused'] as const
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), async (history) => {
      const clock = fakeClock()
      const service = newService({
        clock,
        limits: { ...limits, listedRooms },
        emptyRoomTtl: ttl,
        resumeGrace: grace,
        authenticate: JSON.parse,
      })
      const setup = async () => {
        const [model, real]: [Model, Real] = [new Model(), { service, clock, users: new Map() }]
        const arrived = [arrive('ada', 'msgpack'), arrive('bob', 'json'), arrive('cid', 'msgpack')]
        // The users share a room at first. Otherwise few histories would have a relay or a full room.
        const met = [0, 1, 2].map((nth) => enter(nth, 0, { name: 'lab' }, true, 'A'))
        for (const first of [...arrived, ...met]) await first.run(model, real)
        return { model, real }
      }
      await fc.asyncModelRun(setup, history)
      for (const code of Object.keys(service.counts.refused)) seen.add(code)
      for (const limit of Object.keys(service.counts.limited)) seen.add(limit)
      if (service.counts.relayed > 0) seen.add('relayed')
      for (const outcome of outcomes) if (service.counts.resumed[outcome] > 0) seen.add(outcome)
    }),
    { numRuns: RUNS },
  )
  const refusals = [
    'bad-frame',
    'forbidden',
    'not-in-room',
    'peer-not-found',
    'room-full',
    'room-not-found',
    'server-full',
  ]
  const all = [...refusals, ...Object.keys(limits), ...outcomes, 'relayed'].sort()
  t.strictSame([...seen].sort(), all, 'the histories reach every error, limit and outcome')
})
