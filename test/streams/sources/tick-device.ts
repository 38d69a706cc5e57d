import t from 'tap'
import { LONGEST_WAIT } from '../../../src/streams/sources/tick-device.ts'
import { layout, merged } from '../fixture/merged.ts'

t.test('a stream is announced when each track has ticked twice, and not before', async (t) => {
  const { streams, timers, tick } = merged(['a', 'b'])
  timers.task(() => tick(['a', 'b'], [1], [0]))
  t.equal(streams.length, 0)
  timers.task(() => tick(['a', 'b'], [1], [1]))
  t.equal(streams.length, 1)
})

t.test('a stream is announced after 100 ms, or after three ticks of one track', async (t) => {
  const slow = merged(['a', 'b'])
  slow.timers.task(() => slow.push('a', [1], [0]))
  slow.timers.pass(LONGEST_WAIT - 1)
  t.equal(slow.streams.length, 0)
  slow.timers.pass(1)
  t.strictSame(layout(slow.streams), [['a']])

  const fast = merged(['a', 'b'])
  for (let i = 0; i < 3; i++) fast.timers.task(() => fast.push('a', [i], [i]))
  t.strictSame(layout(fast.streams), [['a']])
  t.strictSame(fast.streams[0]?.rows, [[0], [1], [2]])
})

t.test('a track that ends before the decision emits its samples', async (t) => {
  const { streams, timers, push, remove } = merged(['a', 'b'])
  timers.task(() => push('a', [1], [0]))
  remove('a')
  t.match(streams, [{ rows: [[1]], ended: true }])
  remove('b')
  t.equal(streams.length, 1)
})

t.test('too many samples force a decision at once', async (t) => {
  const { streams, push } = merged(['a', 'b'])
  push('a', Array(262_145).fill(1), 0)
  t.equal(streams[0]?.rows.length, 262_145)
})

t.test('tracks that do not tick are announced as one stream, which stays if it is right', async (t) => {
  const { streams, timers, tick, add } = merged(['a', 'b'])
  timers.pass(LONGEST_WAIT - 1)
  add('c')
  timers.pass(LONGEST_WAIT - 1)
  t.equal(streams.length, 0)
  timers.pass(1)
  t.match(streams, [{ channels: ['a', 'b', 'c'], description: { format: undefined } }])
  t.equal(timers.running, 0)
  for (let i = 0; i < 3; i++) timers.task(() => tick(['a', 'b', 'c'], [i], [i]))
  t.match(streams, [{ rows: { length: 3 }, ended: false }])
})

t.test('a stream that was announced without ticks is replaced if it is wrong', async (t) => {
  const { streams, timers, tick, push, add, remove } = merged(['a', 'b', 'marker'])
  timers.pass(LONGEST_WAIT)
  for (let i = 0; i < 4; i++) timers.task(() => tick(['a', 'b'], [i], [i]))
  t.strictSame(layout(streams), [['a', 'b']])
  timers.pass(LONGEST_WAIT)
  t.strictSame(layout(streams), [['a', 'b'], ['marker']])
  timers.task(() => push('marker', ['blink'], [5]), LONGEST_WAIT)
  t.strictSame(
    streams.map(({ rows, ended }) => [rows.length, ended]),
    [
      [0, true],
      [4, false],
      [1, false],
    ],
  )
  add('late')
  timers.pass(LONGEST_WAIT)
  t.strictSame(layout(streams).at(-1), ['late'])
  remove('late')
  t.equal(layout(streams).length, 2)
})

t.test('a stream that was announced without ticks is replaced if a typed array has another format', async (t) => {
  const { streams, timers, tick } = merged(['a', 'b'])
  timers.pass(LONGEST_WAIT)
  for (let i = 0; i < 3; i++) timers.task(() => tick(['a', 'b'], [Float32Array.of(i, i)], [i]))
  t.match(streams, [{ ended: true }, { description: { format: 'float32' }, rows: { length: 6 } }])
})
