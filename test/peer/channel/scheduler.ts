import fc from 'fast-check'
import t from 'tap'
import { Scheduler } from '../../../src/peer/channel/scheduler.ts'
import { type DeliveryOptions, type Terms, termsOf } from '../../../src/peer/wire/delivery.ts'

/** Creates a message whose first two bytes are its stream and its number. */
const message = (stream: number, number: number, bytes = 100): Uint8Array<ArrayBuffer> => {
  const made = new Uint8Array(bytes)
  made.set([stream, number])
  return made
}
const nameOf = (bytes: Uint8Array | undefined): string => (bytes === undefined ? '-' : `${bytes[0]}.${bytes[1]}`)

function setUp(options: DeliveryOptions = {}) {
  const scheduler = new Scheduler()
  const terms = termsOf(options)
  const push = (stream: number, number: number, bytes = 100, now = 0): boolean =>
    scheduler.push(stream, { bytes: message(stream, number, bytes), samples: 1, at: now }, terms, now)
  const takeAll = (now = 0): string[] => {
    const taken: string[] = []
    for (let bytes = scheduler.take(now); bytes !== undefined; bytes = scheduler.take(now)) taken.push(nameOf(bytes))
    return taken
  }
  return { scheduler, terms, push, takeAll }
}

t.test('streams take turns by bytes, so that a heart beat overtakes bulk data', async (t) => {
  const { scheduler, push } = setUp()
  for (let i = 0; i < 100; i++) push(1, i, 16_384)
  t.equal(nameOf(scheduler.take(0)), '1.0')
  push(2, 0, 40)
  const next = [scheduler.take(0), scheduler.take(0)].map(nameOf)
  t.ok(next.includes('2.0'), next.join())
})

t.test('a message larger than a turn waits for several turns', async (t) => {
  const { push, takeAll } = setUp()
  push(1, 0, 40_000)
  for (let i = 0; i < 4; i++) push(2, i, 16_384)
  t.strictSame(takeAll(), ['2.0', '2.1', '1.0', '2.2', '2.3'])
})

t.test('control messages can go first, in stream order, or after the messages of some streams', async (t) => {
  const { scheduler, push, takeAll } = setUp()
  push(1, 0)
  scheduler.pushTo(1, message(1, 1))
  push(1, 2)
  push(2, 0, 16_384)
  push(2, 1, 16_384)
  scheduler.pushAfter([1, 2, 3], message(9, 9))
  scheduler.pushFirst(message(8, 8))
  t.strictSame(takeAll(), ['8.8', '1.0', '1.1', '1.2', '2.0', '2.1', '9.9'])
  scheduler.pushAfter([1, 2], message(7, 7))
  t.strictSame(takeAll(), ['7.7'])
  t.ok(scheduler.isEmpty)
})

t.test('latest: only the newest chunk stays queued', async (t) => {
  const { terms, push, takeAll } = setUp({ delivery: 'latest' })
  for (let i = 0; i < 5; i++) t.ok(push(1, i))
  push(2, 0)
  t.strictSame(takeAll(), ['1.4', '2.0'])
  t.equal(terms.dropped.chunks, 4)
})

t.test('maxAge: expired chunks are dropped on push and on take', async (t) => {
  const { scheduler, terms, push, takeAll } = setUp({ delivery: { maxAge: 0.1 } })
  push(1, 0, 100, 0)
  push(1, 1, 100, 0.05)
  t.equal(scheduler.age(0.05), 0.05)
  push(1, 2, 100, 0.12)
  t.equal(scheduler.bytes, 200)
  t.strictSame(takeAll(0.16), ['1.2'])
  t.equal(terms.dropped.samples, 2)
})

t.test('deadline, the old name of maxAge, is in milliseconds', async (t) => {
  t.strictSame(termsOf({ delivery: { deadline: 250 } }).queue.seconds, 0.25)
})

t.test('pause: bytes and seconds limit the queue, and push rejects new chunks', async (t) => {
  const { terms, push, takeAll } = setUp({ buffer: { bytes: 250, seconds: 10 } })
  t.strictSame([push(1, 0), push(1, 1), push(1, 2)], [true, true, false])
  t.ok(push(2, 0, 100, 10))
  t.strictSame([push(1, 3, 10, 10), push(1, 4, 10, 10.1)], [true, false])
  t.strictSame(takeAll(11), ['1.0', '1.1', '1.3', '2.0'])
  t.strictSame(terms.dropped, { chunks: 2, samples: 2, bytes: 110 })
})

t.test('drop-oldest: the oldest chunks are dropped, control messages stay', async (t) => {
  const { scheduler, terms, push, takeAll } = setUp({
    overflow: 'drop-oldest',
    buffer: { bytes: 250, seconds: 10 },
  })
  scheduler.pushTo(1, message(1, 100))
  for (let i = 0; i < 3; i++) push(1, i)
  scheduler.pushTo(1, message(1, 101))
  for (let i = 3; i < 6; i++) push(1, i)
  t.strictSame(takeAll(), ['1.100', '1.101', '1.4', '1.5'])
  push(1, 6, 100, 0)
  push(1, 7, 100, 11)
  t.strictSame(takeAll(11), ['1.7'])
  t.equal(terms.dropped.chunks, 5)
})

t.test('invalid options throw', async (t) => {
  const cases = [
    { delivery: 'fast' },
    { delivery: { maxAge: 0 } },
    { delivery: { maxAge: '1' } },
    { delivery: { deadline: 0 } },
    { delivery: { deadline: '30' } },
    { delivery: {} },
    { delivery: null },
    { buffer: { bytes: -1 } },
    { buffer: { seconds: Number.NaN } },
    { overflow: 'block' },
  ]
  for (const options of cases) {
    t.throws(() => termsOf(options as DeliveryOptions), { name: 'StreamError', code: 'bad-description' })
  }
})

const deliveries: fc.Arbitrary<DeliveryOptions> = fc.constantFrom<DeliveryOptions>(
  {},
  { buffer: { bytes: 60_000 } },
  { buffer: { bytes: 60_000 }, overflow: 'drop-oldest' },
  { delivery: 'latest' },
  { delivery: { maxAge: 0.03 } },
)
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.nat(3), bytes: fc.integer({ min: 8, max: 16_384 }) }) },
    { weight: 2, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 1, arbitrary: fc.record({ wait: fc.nat(40) }) },
  ),
  { maxLength: 200 },
)

t.test('random pushes and takes keep the order within a stream, repeat nothing, and the counts add up', async (t) => {
  fc.assert(
    fc.property(fc.tuple(deliveries, deliveries, deliveries, deliveries), steps, (options, steps) => {
      const scheduler = new Scheduler()
      const terms: Terms[] = options.map(termsOf)
      const pushed = [0, 0, 0, 0]
      const taken: number[][] = [[], [], [], []]
      let now = 0
      const take = (): boolean => {
        const bytes = scheduler.take(now)
        if (bytes !== undefined) taken[bytes[0] as number]?.push(new DataView(bytes.buffer).getUint32(1))
        return bytes !== undefined
      }
      for (const step of steps) {
        if ('wait' in step) now += step.wait / 1_000
        else if ('take' in step) for (let i = 0; i < step.take; i++) take()
        else {
          const bytes = message(step.push, 0, step.bytes)
          new DataView(bytes.buffer).setUint32(1, pushed[step.push] as number)
          pushed[step.push] = (pushed[step.push] as number) + 1
          scheduler.push(step.push, { bytes, samples: 1, at: now }, terms[step.push] as Terms, now)
        }
      }
      while (take());
      t.ok(scheduler.isEmpty && scheduler.bytes === 0)
      for (const [stream, numbers] of taken.entries()) {
        if (numbers.some((number, i) => i > 0 && number <= (numbers[i - 1] as number))) return false
        if (numbers.length + (terms[stream] as Terms).dropped.chunks !== pushed[stream]) return false
      }
      return true
    }),
    { numRuns: 300 },
  )
})

t.test('busy streams share the channel equally', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 8, max: 16_384 }), { minLength: 2, maxLength: 8 }), (sizes) => {
      const { scheduler, push } = setUp()
      for (const [stream, bytes] of sizes.entries()) {
        for (let sum = 0; sum < 200_000; sum += bytes) push(stream, 0, bytes)
      }
      const sent = sizes.map(() => 0)
      for (let sum = 0; sum < 100_000 * sizes.length; ) {
        const bytes = scheduler.take(0) as Uint8Array
        const stream = bytes[0] as number
        sent[stream] = (sent[stream] as number) + bytes.length
        sum += bytes.length
        if (Math.max(...sent) - Math.min(...sent) > 3 * 16_384) return false
      }
      return true
    }),
  )
})
