import fc from 'fast-check'
import t from 'tap'
import { LONGEST_WAIT } from '../../../src/streams/sources/tick-device.ts'
import { type Merged, merged } from '../fixture/merged.ts'

const layout = (streams: Merged[]) => streams.filter(({ ended }) => !ended).map(({ channels }) => channels)

t.test('tracks that tick together become one stream, from the first sample on', async (t) => {
  const { streams, timers, push } = merged(['a', 'b', 'c'])
  for (let i = 0; i < 5; i++) {
    timers.task(() => {
      for (const [c, name] of ['a', 'b', 'c'].entries()) push(name, [i * 10 + c], [i * 4])
    }, 4)
  }
  t.match(streams, [
    {
      channels: ['a', 'b', 'c'],
      description: { name: 'Device', kind: 'eeg', format: 'float64' },
      stamps: [0, 4, 8, 12, 16],
    },
  ])
  t.strictSame(
    streams[0]?.rows,
    [0, 1, 2, 3, 4].map((i) => [i * 10, i * 10 + 1, i * 10 + 2]),
  )
  t.equal(timers.running, 0)
})

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

t.test('tracks with other rates, counts, formats or timestamps stay apart', async (t) => {
  const { streams, timers, push } = merged(['a', 'b', 'slow', 'text', 'own', 'packet'])
  for (let i = 0; i < 20; i++) {
    timers.task(() => {
      push('a', [i], [i * 4])
      push('b', [-i], [i * 4])
      if (i % 5 === 0) push('slow', [i], [i * 4])
      push('text', [`${i}`], [i * 4])
      push('own', [i], [i * 4 + 1.5])
      push('packet', [i, i], [i * 4])
    }, 4)
  }
  t.strictSame(layout(streams).sort(), [['a', 'b'], ['own'], ['packet'], ['slow'], ['text']])
  for (const { channels, rows } of streams) {
    t.equal(rows.length, channels[0] === 'slow' ? 4 : channels[0] === 'packet' ? 40 : 20, String(channels))
  }
})

t.test('a change of Date.now() within a tick does not separate tracks', async (t) => {
  const { streams, timers, push } = merged(['a', 'b'])
  for (let i = 0; i < 4; i++) {
    timers.task(() => {
      push('a', [i], [i * 4])
      push('b', [i], [i * 4 + (i % 2)])
    })
  }
  t.strictSame(streams.length, 1)
  t.strictSame(streams[0]?.stamps, [0, 4, 8, 12])
})

t.test('samples without timestamps get their arrival time', async (t) => {
  const { streams, timers, push } = merged(['a', 'b'], { nominalRate: 100 })
  const start = timers.ms
  for (let i = 0; i < 3; i++) {
    timers.task(() => {
      push('a', [i, i])
      timers.pass(5)
      push('b', [i, i])
    }, 15)
  }
  t.equal(streams.length, 1)
  t.strictSame(
    streams[0]?.stamps.map((stamp) => stamp - start),
    [-10, 0, 10, 20, 30, 40],
  )
})

t.test('repeated timestamps and bursts are paired in order', async (t) => {
  const { streams, timers, push } = merged(['a', 'b'])
  for (let burst = 0; burst < 3; burst++) {
    timers.task(() => {
      for (let i = 0; i < 4; i++) push('a', [burst * 4 + i], [burst])
      for (let i = 0; i < 4; i++) push('b', [-burst * 4 - i], [burst])
    })
  }
  t.equal(streams.length, 1)
  t.strictSame(
    streams[0]?.rows,
    Array.from({ length: 12 }, (_, i) => [i, -i]),
  )
})

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

t.test('tracks that are added later are separate streams, or one stream if they tick together', async (t) => {
  const { streams, timers, add, tick } = merged(['a', 'b'])
  for (let i = 0; i < 3; i++) timers.task(() => tick(['a', 'b'], [i], [i]), 4)
  add('c')
  add('d')
  for (let i = 3; i < 9; i++) timers.task(() => tick(['a', 'b', 'c', 'd'], [i], [i]), 4)
  t.strictSame(layout(streams), [
    ['a', 'b'],
    ['c', 'd'],
  ])
  t.equal(streams[1]?.rows.length, 6)
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

t.test('the end emits all samples that wait', async (t) => {
  const { streams, timers, push, end, tick } = merged(['a', 'b'])
  for (let i = 0; i < 2; i++) timers.task(() => tick(['a', 'b'], [i], [i]))
  push('a', [2], [2])
  end()
  t.strictSame(streams[0]?.rows[2], [2, Number.NaN])
  t.equal(timers.running, 0)
})

t.test('each track keeps every sample in order, with its timestamp, whenever samples come', async (t) => {
  const event = fc.record({
    track: fc.integer({ min: 0, max: 3 }),
    values: fc.integer({ min: 1, max: 3 }),
    step: fc.constantFrom(0, 0, 1, 4),
    wait: fc.constantFrom(0, 0, 5, 120),
    sameTask: fc.boolean(),
  })
  const together = fc.record({ from: fc.integer({ min: 0, max: 2 }), wait: fc.constantFrom(0, 5, 120) })
  fc.assert(
    fc.property(fc.array(fc.oneof(event, together), { maxLength: 60 }), (events) => {
      const names = ['a', 'b', 'c', 'd']
      const { streams, timers, push, end } = merged(names)
      const given: Record<string, [number, number][]> = { a: [], b: [], c: [], d: [] }
      let stamp = 0.5
      let value = 0
      const give = (name: string, count: number) => {
        const values = Array.from({ length: count }, () => ++value)
        given[name]?.push(...values.map((each): [number, number] => [each, stamp]))
        push(name, values, stamp)
      }
      for (const event of events) {
        if ('from' in event) {
          stamp += 4
          timers.task(() => {
            for (const name of names.slice(event.from)) give(name, 1)
          }, event.wait)
          continue
        }
        stamp += event.step
        const name = names[event.track] as string
        if (event.sameTask) give(name, event.values)
        else timers.task(() => give(name, event.values), event.wait)
      }
      end()
      for (const name of names) {
        const came = streams.flatMap(({ channels, rows, stamps }) => {
          const channel = channels.indexOf(name)
          if (channel < 0) return []
          return rows.map((row, i): [unknown, number | undefined] => [row[channel], stamps[i]])
        })
        t.strictSame(
          came.filter(([each]) => !Number.isNaN(each)),
          given[name],
        )
      }
      t.equal(timers.running, 0)
    }),
    { numRuns: 300 },
  )
})
