import t from 'tap'
import { ChunkQueue, type QueuedSamples } from '../../../src/peer/receive/chunk-queue.ts'

const track = { name: 'left' }
const other = { name: 'right' }

const chunk = (first: number, samples = 10, missed = 0, of: object = track): QueuedSamples => ({
  track: of,
  data: new Float64Array(samples),
  timestamps: new Float64Array(samples),
  first,
  samples,
  missed,
})

t.test('a reader receives chunks in order, whether it waits before them or not', async (t) => {
  const queue = new ChunkQueue<QueuedSamples>()
  const read = (async () => {
    const firsts: number[] = []
    for await (const { first } of queue) firsts.push(first)
    return firsts
  })()
  queue.push(chunk(0))
  await Promise.resolve()
  for (let i = 1; i < 3_000; i++) queue.push(chunk(i * 10))
  queue.close()
  t.strictSame(
    await read,
    Array.from({ length: 3_000 }, (_, i) => i * 10),
  )
})

t.test(
  'above the bound the oldest chunks are dropped, and the next chunk of their track counts them as missed',
  async (t) => {
    const queue = new ChunkQueue<QueuedSamples>(() => {}, 1_500)
    for (let i = 0; i < 6; i++) queue.push(chunk(i * 10, 10, i === 1 ? 5 : 0))
    queue.push(chunk(0, 10, 0, other))
    queue.close()
    const left: [number, number][] = []
    for await (const { first, missed } of queue) left.push([first, missed])
    t.strictSame(left, [
      [40, 45],
      [50, 0],
      [0, 0],
    ])
  },
)

t.test('one chunk is buffered, however large it is', async (t) => {
  const queue = new ChunkQueue<QueuedSamples>(() => {}, 10)
  queue.push(chunk(0, 1_000))
  t.equal((await queue.next()).value?.first, 0)
})

t.test('a reader that stops early ends its queue', async (t) => {
  let ended = 0
  const queue = new ChunkQueue<QueuedSamples>(() => ended++)
  queue.push(chunk(0))
  queue.push(chunk(10))
  for await (const _ of queue) break
  queue.push(chunk(20))
  t.strictSame(await queue.next(), { done: true, value: undefined })
  t.equal(ended, 1)
})

t.test('await using ends a queue and drops its chunks', async (t) => {
  let ended = 0
  const queue = new ChunkQueue<QueuedSamples>(() => ended++)
  {
    await using own = queue
    for (let first = 0; first < 3; first++) own.push(chunk(first))
    t.equal((await own.next()).value?.first, 0)
  }
  t.equal(ended, 1)
  t.strictSame(await queue.next(), { done: true, value: undefined })
})
