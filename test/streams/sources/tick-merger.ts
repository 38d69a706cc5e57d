import fc from 'fast-check'
import t from 'tap'
import { layout, merged } from '../fixture/merged.ts'

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
