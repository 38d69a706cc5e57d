/** Compares the bound of all buffers with a plain model in random histories. */
import fc from 'fast-check'
import t from 'tap'
import { addresses, type Member, subs, World } from './fixture/world.ts'

/** Number of histories: 500, or MODEL_RUNS in the environment. */
const RUNS = Number(process.env.MODEL_RUNS ?? 500)

type Step = (world: World) => void

const nth = fc.nat({ max: 7 })
const place = fc.nat({ max: addresses.length - 1 })
const length = fc.integer({ min: 1, max: 1_500 })
/** A step of one user, if there is any. */
const of = (step: (world: World, member: Member) => void): fc.Arbitrary<Step> =>
  nth.map((nth) => (world) => {
    const member = world.members[nth % world.members.length]
    if (member !== undefined) step(world, member)
  })
const more = <Value>(values: fc.Arbitrary<Value>, step: (value: Value) => fc.Arbitrary<Step>) => values.chain(step)

const steps = fc.oneof(
  fc.tuple(place, fc.boolean()).map(
    ([place, resumable]): Step =>
      (world) =>
        world.enter(place, resumable),
  ),
  { weight: 6, arbitrary: more(length, (length) => of((world, member) => world.send([member], length))) },
  length.map(
    (length): Step =>
      (world) =>
        world.send(world.members, length),
  ),
  {
    weight: 2,
    arbitrary: of((_, { line }) => {
      line.reads = false
    }),
  },
  of((_, { line }) => {
    line.reads = true
    line.read(Number.POSITIVE_INFINITY)
  }),
  more(length, (length) => of((_, { line }) => line.read(2 * length))),
  more(fc.nat({ max: 4 }), (late) => of((world, member) => world.acknowledge(member, Math.max(0, member.sent - late)))),
  { weight: 2, arbitrary: of((world, member) => world.cut(member)) },
  more(fc.tuple(place, fc.boolean()), (args) => of((world, member) => world.resume(member, ...args))),
  more(fc.constantFrom('ada', 'bob', 'cid'), (auth) => of((world, member) => world.identify(member, auth))),
  of((world, member) => world.dismiss(member)),
  nth.map(
    (nth): Step =>
      (world) =>
        world.finish(nth),
  ),
)
/** Steps before the service may end anything. */
const turns = fc.array(steps, { minLength: 1, maxLength: 4 })

t.test('the sums are those of what waits, never above their limits, and the right ones go', async (t) => {
  t.equal(subs.length, addresses.length)
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(turns, { minLength: 20, maxLength: 80, size: 'max' }), async (history) => {
      const world = new World()
      for (const place of [0, 1, 2, 3, 4]) world.enter(place, place % 2 === 0)
      for (const turn of history) {
        for (const step of turn) step(world)
        const faults = await world.settle()
        if (faults.length > 0) throw new Error(faults.join('; '))
      }
      for (const [cause, ended] of Object.entries(world.counts.ended)) {
        for (const [what, count] of Object.entries(ended)) if (count > 0) seen.add(`${cause} ${what}`)
      }
    }),
    { numRuns: RUNS },
  )
  const all = ['server', 'address', 'sub'].flatMap((cause) => [`${cause} sessions`, `${cause} connections`])
  t.strictSame([...seen].sort(), all.sort(), 'the histories reach every cause')
})
