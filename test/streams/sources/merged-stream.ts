import t from 'tap'
import { LONGEST_WAIT } from '../../../src/streams/sources/tick-device.ts'
import { layout, merged } from '../fixture/merged.ts'

t.test('a hole becomes NaN, and a row of holes is dropped', async (t) => {
  const { streams, timers, push } = merged(['a', 'b'])
  const tick = (i: number, a: unknown[], b: unknown[]) =>
    timers.task(() => {
      push('a', a, [i, i + 1, i + 2])
      push('b', b, [i, i + 1, i + 2])
    }, 3)
  tick(0, [1, 2, 3], [4, 5, 6])
  tick(3, [1, undefined, 3], [4, undefined, undefined])
  tick(6, [1, 2, 3], [4, 5, 6])
  t.strictSame(streams[0]?.rows.slice(3, 5), [
    [1, 4],
    [3, Number.NaN],
  ])
  t.strictSame(streams[0]?.stamps, [0, 1, 2, 3, 5, 6, 7, 8])
})

t.test('a hole separates tracks of integers or text, which have no NaN', async (t) => {
  const { streams, timers, push } = merged(['a', 'b'])
  const tick = (a: unknown, b: unknown) =>
    timers.task(() => {
      push('a', [a], [1])
      push('b', [b], [1])
    })
  tick('a0', 'b0')
  tick('a1', 'b1')
  tick('a2', undefined)
  tick('a3', 'b3')
  t.strictSame(layout(streams), [['a'], ['b']])
  t.strictSame(
    streams.map(({ rows }) => rows.flat()),
    [['a0', 'b0', 'a1', 'b1'], ['a2', 'a3'], ['b3']],
  )
})

t.test('a lost packet becomes holes as soon as the next row is complete', async (t) => {
  const { streams, timers, push } = merged(['a', 'b', 'c'])
  for (let i = 0; i < 6; i++) {
    for (const name of ['a', 'b', 'c']) {
      if (i !== 3 || name !== 'b') timers.task(() => push(name, [i, i], [i, i]), 5)
    }
  }
  t.equal(streams.length, 1)
  t.strictSame(streams[0]?.rows.slice(5, 9), [
    [2, 2, 2],
    [3, Number.NaN, 3],
    [3, Number.NaN, 3],
    [4, 4, 4],
  ])
})

t.test('a lost packet becomes holes after 100 ms', async (t) => {
  const { streams, timers, push, tick } = merged(['a', 'b'])
  for (let i = 0; i < 3; i++) timers.task(() => tick(['a', 'b'], [i], [i]), 10)
  timers.task(() => push('a', [3], [3]))
  timers.pass(LONGEST_WAIT - 1)
  t.equal(streams[0]?.rows.length, 3)
  timers.pass(1)
  t.strictSame(streams[0]?.rows[3], [3, Number.NaN])
  t.equal(timers.running, 0)
})

t.test('a sample that arrives after its row separates the tracks', async (t) => {
  const { streams, timers, push, tick } = merged(['a', 'b'])
  for (let i = 0; i < 3; i++) timers.task(() => tick(['a', 'b'], [i], [i]), 10)
  timers.task(() => push('a', [3], [3]), LONGEST_WAIT)
  timers.task(() => push('b', [3], [3]))
  t.strictSame(layout(streams), [['a'], ['b']])
  t.strictSame(streams[2]?.rows, [[3]])
})

t.test('a channel that falls silent is separated after four rows', async (t) => {
  const { streams, timers, push } = merged(['a', 'b', 'c'])
  for (let i = 0; i < 20; i++) {
    timers.task(() => {
      for (const name of i < 5 ? ['a', 'b', 'c'] : ['a', 'b']) push(name, [i], [i * 200])
    }, 200)
  }
  t.strictSame(layout(streams), [['a'], ['b'], ['c']])
  t.equal(streams[0]?.rows.length, 9)
  t.equal(streams[1]?.rows.length, 11)
})

t.test('tracks whose rates turn out to differ are separated', async (t) => {
  const { streams, timers, push } = merged(['a', 'half'])
  for (let i = 0; i < 40; i++) {
    timers.task(() => {
      push('a', [i], [i * 150])
      if (i % 2 === 0) push('half', [i], [i * 150])
    }, 150)
  }
  t.strictSame(layout(streams), [['a'], ['half']])
})

t.test('the other tracks stay together when one ends', async (t) => {
  const { streams, timers, push, remove, tick } = merged(['a', 'b', 'c'])
  for (let i = 0; i < 3; i++) timers.task(() => tick(['a', 'b', 'c'], [i], [i]), 4)
  timers.task(() => push('a', [3], [3]))
  timers.task(() => remove('b'))
  t.strictSame(layout(streams), [['a', 'c']])
  t.strictSame(streams[0]?.rows[3], [3, Number.NaN, Number.NaN])
})

t.test('a stream ends once when all tracks of its device end', async (t) => {
  const { streams, timers, remove, tick } = merged(['a', 'b', 'c'])
  for (let i = 0; i < 3; i++) timers.task(() => tick(['a', 'b', 'c'], [i], [i]), 4)
  timers.task(() => {
    remove('a')
    tick(['b', 'c'], [3], [3])
    remove('b')
    remove('c')
  })
  t.equal(streams.length, 1)
  t.match(streams[0], { ended: true, rows: { length: 4 } })
  t.equal(timers.running, 0)
})

t.test('the end emits all samples that wait', async (t) => {
  const { streams, timers, push, end, tick } = merged(['a', 'b'])
  for (let i = 0; i < 2; i++) timers.task(() => tick(['a', 'b'], [i], [i]))
  push('a', [2], [2])
  end()
  t.strictSame(streams[0]?.rows[2], [2, Number.NaN])
  t.equal(timers.running, 0)
})
