import t from 'tap'
import type { Playable, PlayableSamples } from '../../../src/commands/publish/playable.ts'
import { play } from '../../../src/commands/publish/player.ts'
import type { PushPublication } from '../../../src/peer/mod.ts'
import { until } from '../../fixture/until.ts'

interface Pushed {
  at: number
  values: unknown[]
  stamps: number[]
}

/** Publications that record what is pushed to them, and when. */
function publications(count: number) {
  const began = performance.now()
  const pushed: Pushed[][] = Array.from({ length: count }, () => [])
  const room = { full: false, isWaitedFor: false, free: () => {} }
  const map = new Map(
    pushed.map((list, key): [number, PushPublication] => [
      key,
      {
        push(values: ArrayLike<unknown>, stamps: ArrayLike<number>) {
          const at = (performance.now() - began) / 1000
          list.push({ at, values: Array.from(values), stamps: Array.from(stamps) })
          return !room.full
        },
        drained: () =>
          new Promise<void>((resolve) => {
            room.isWaitedFor = true
            room.free = resolve
          }),
      } as unknown as PushPublication,
    ]),
  )
  return { map, pushed, room }
}

const part = (stream: number, times: number[], width = 1): PlayableSamples => ({
  stream,
  times: Float64Array.from(times),
  data: Float64Array.from({ length: times.length * width }, (_, i) => i + stream * 100),
})

const recordingOf = (parts: PlayableSamples[]): Playable => ({
  streams: new Map(),
  damage: () => undefined,
  async *read() {
    yield* parts
  },
})

const never = new AbortController().signal

t.test(
  'play pushes each sample when it is due, and streams that follow each other in the file in parallel',
  async (t) => {
    const times = Array.from({ length: 10 }, (_, i) => i / 10)
    const { map, pushed } = publications(2)
    const recording = recordingOf([
      part(0, times, 2),
      part(
        1,
        times.map((time) => time + 0.05),
      ),
    ])
    const length = await play(recording, { publications: map, origin: 1_000, speed: 2, signal: never })
    t.equal(length, 0.9 + 0.05)
    const [first, second] = pushed as [Pushed[], Pushed[]]
    t.strictSame(
      first.flatMap(({ values }) => values),
      Array.from({ length: 20 }, (_, i) => i),
    )
    t.strictSame(
      first.flatMap(({ stamps }) => stamps),
      times.map((time) => 1_000 + time),
    )
    t.strictSame(
      second.flatMap(({ values }) => values),
      Array.from({ length: 10 }, (_, i) => i + 100),
    )
    for (const { at, stamps } of [...first, ...second]) {
      for (const stamp of stamps)
        t.ok(at >= (stamp - 1_000) / 2, `the sample for ${stamp} is not pushed early, but at ${at}`)
    }
    t.ok(first.length > 1, 'the samples are not pushed all at once')
    t.ok((second[0] as Pushed).at < (first.at(-1) as Pushed).at, 'both streams play in parallel')
  },
)

t.test('play keeps to the given speed', async (t) => {
  const { map, pushed } = publications(1)
  const began = performance.now()
  await play(recordingOf([part(0, [0, 60])]), { publications: map, origin: 0, speed: 1_000, signal: never })
  const took = (performance.now() - began) / 1000
  t.ok(took >= 0.06 && took < 30, `a minute took ${took} s`)
  t.equal(pushed[0]?.length, 2)
})

t.test('a sample is due at once if its time goes back or is NaN', async (t) => {
  const { map, pushed } = publications(1)
  await play(recordingOf([part(0, [0, 0.2, 0.1, Number.NaN, 0.3])]), {
    publications: map,
    origin: 0,
    speed: 10,
    signal: never,
  })
  t.strictSame(
    pushed[0]?.flatMap(({ stamps }) => stamps),
    [0, 0.2, 0.1, Number.NaN, 0.3],
  )
})

t.test('play waits while a publication is full', async (t) => {
  const { map, pushed, room } = publications(1)
  room.full = true
  const playing = play(recordingOf([part(0, [0]), part(0, [0.02]), part(0, [0.04])]), {
    publications: map,
    origin: 0,
    speed: 1,
    signal: never,
  })
  await until(() => room.isWaitedFor)
  t.equal(pushed[0]?.length, 1)
  room.full = false
  room.free()
  await playing
  t.strictSame(
    pushed[0]?.flatMap(({ stamps }) => stamps),
    [0, 0.02, 0.04],
  )
})

t.test('play reads less than 60 s ahead', async (t) => {
  const { map } = publications(1)
  let read = 0
  const stop = new AbortController()
  const recording: Playable = {
    ...recordingOf([]),
    async *read() {
      for (; ; read++) yield part(0, [read])
    },
  }
  const playing = play(recording, { publications: map, origin: 0, speed: 1, signal: stop.signal })
  await until(() => read >= 10)
  stop.abort()
  await playing
  t.ok(read < 60, `${read} s were read`)
})
