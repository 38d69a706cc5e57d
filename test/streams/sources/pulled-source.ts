import t from 'tap'
import { type Pulled, type SourceSink, sourceOf } from '../../../src/streams/mod.ts'
import { until } from '../../fixture/until.ts'

/** Follows a source with a sink that the test can fill. */
function listen(values: ReadableStream<Pulled> | AsyncIterable<Pulled>) {
  const pushed: unknown[][] = []
  let full = false
  let waiting: (() => void)[] = []
  let over: (error?: Error) => void = () => {}
  const ended = new Promise<Error | undefined>((resolve) => {
    over = resolve
  })
  const sink: SourceSink = {
    addTrack: (_, description) => pushed.push([description.timeUnit]),
    removeTrack() {},
    push: (_, values, timestamps) => pushed.push([values, timestamps]),
    addMedia() {},
    removeMedia() {},
    get full() {
      return full
    },
    drained: () => new Promise((resolve) => waiting.push(resolve)),
    end: (error) => over(error),
  }
  const setFull = (value: boolean) => {
    full = value
    for (const resolve of waiting) resolve()
    waiting = []
  }
  const end = sourceOf(values)(sink)
  return { pushed, setFull, end, ended }
}

/** Waits until pending pulls are over. Each step of a pull is a microtask or a turn of the event loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
}

const shapes: Pulled[] = [
  1,
  2n,
  'text',
  [1, 2],
  Float32Array.of(3, 4),
  { data: [5, 6], timestamps: [0.5, 0.6] },
  { data: 7, timestamps: 0.7 },
  { data: Int16Array.of(8) },
]
const arrived = [
  ['s'],
  [[1], undefined],
  [[2n], undefined],
  [['text'], undefined],
  [[1, 2], undefined],
  [Float32Array.of(3, 4), undefined],
  [
    [5, 6],
    [0.5, 0.6],
  ],
  [[7], 0.7],
  [Int16Array.of(8), undefined],
]

t.test('an async iterable is pulled to its end', async (t) => {
  async function* generate() {
    yield* shapes
  }
  const { pushed, ended } = listen(generate())
  t.equal(await ended, undefined)
  t.strictSame(pushed, arrived)
})

t.test('a ReadableStream is pulled to its end', async (t) => {
  const stream = new ReadableStream<Pulled>({
    start(controller) {
      for (const shape of shapes) controller.enqueue(shape)
      controller.close()
    },
  })
  const { pushed, ended } = listen(stream)
  t.equal(await ended, undefined)
  t.strictSame(pushed, arrived)
})

t.test('the source is pulled only while the sink has room', async (t) => {
  let asked = 0
  async function* generate() {
    for (;;) {
      await Promise.resolve()
      yield ++asked
      if (asked === 5) setFull(true)
    }
  }
  const { setFull, end, pushed } = listen(generate())
  await until(() => asked >= 6)
  await settled()
  t.equal(asked, 6, 'five values, and the one under way')
  t.equal(pushed.length - 1, 6)
  setFull(true)
  await settled()
  t.equal(asked, 6, 'nothing is pulled while the sink is still full')
  setFull(false)
  await until(() => asked > 100)
  end()
})

t.test('a source with all values at once does not block the event loop', { timeout: 10_000 }, async () => {
  async function* generate() {
    for (let i = 0; ; i++) yield i
  }
  const { pushed, end } = listen(generate())
  await until(() => pushed.length > 10)
  end()
})

t.test('stopping ends the source', async (t) => {
  let left = false
  async function* generate() {
    try {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        yield 1
      }
    } finally {
      left = true
    }
  }
  const iterable = listen(generate())
  await until(() => iterable.pushed.length > 1)
  iterable.end()
  await until(() => left)
  const { length } = iterable.pushed
  await settled()
  t.equal(iterable.pushed.length, length)

  let cancelled = false
  const readable = listen(
    new ReadableStream({
      cancel() {
        cancelled = true
      },
    }),
  )
  readable.end()
  await until(() => cancelled)
  t.ok(cancelled)
})

t.test('an error ends the source and reaches the sink', async (t) => {
  async function* generate() {
    yield 1
    throw new Error('unplugged')
  }
  const { ended, pushed } = listen(generate())
  t.match(await ended, { message: 'unplugged' })
  t.equal(pushed.length, 2)
})

t.test('a ReadableStream with another reader is rejected', async (t) => {
  const stream = new ReadableStream()
  stream.getReader()
  t.throws(() => sourceOf(stream), { code: 'bad-source' })
})
