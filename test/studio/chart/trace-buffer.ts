import t from 'tap'
import { append, createTraceBuffer } from '../../../src/studio/chart/trace-buffer.ts'

t.test('keeps the newest samples and no more', async (t) => {
  const buffer = createTraceBuffer(2, 100)
  for (let first = 0; first < 10_000; first += 100) {
    append(buffer, { data: Array.from({ length: 200 }, (_, i) => first + i / 2), timestamps: [], first })
  }
  t.equal(buffer.written, 10_000)
  t.equal(buffer.values[0]?.length, buffer.capacity)
  t.equal(buffer.values[0]?.[9_999 % buffer.capacity], 9_999)
  t.equal(buffer.values[1]?.[9_999 % buffer.capacity], 9_999.5)
  t.equal(buffer.times[9_999 % buffer.capacity], 99.99)
})

t.test('has a limited capacity at any rate', async (t) => {
  t.ok(createTraceBuffer(1, 1e9).capacity <= 65_536)
  t.ok(createTraceBuffer(1, 0).capacity > 1_000)
})

t.test('takes the time from the timestamps if there is no rate', async (t) => {
  const buffer = createTraceBuffer(1, 0)
  append(buffer, { data: [1, 2], timestamps: [2_000, 2_500], first: 7 })
  t.strictSame([...buffer.times.subarray(0, 2)], [2, 2.5])
})

t.test('accepts 64-bit integers', async (t) => {
  const buffer = createTraceBuffer(1, 10)
  append(buffer, { data: new BigInt64Array([5n]), timestamps: [], first: 0 })
  t.equal(buffer.values[0]?.[0], 5)
})

t.test('keeps the first channels if there are too many', async (t) => {
  const buffer = createTraceBuffer(1_000, 10, 2)
  append(buffer, { data: Array.from({ length: 2_000 }, (_, i) => i), timestamps: [], first: 0 })
  t.equal(buffer.values.length, 2)
  t.equal(buffer.written, 2)
  t.equal(buffer.values[1]?.[1], 1_001)
})
