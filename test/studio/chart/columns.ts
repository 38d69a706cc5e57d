import t from 'tap'
import { type Columns, columnTimes, fillColumns } from '../../../src/studio/chart/columns.ts'
import { append, createTraceBuffer, WINDOW } from '../../../src/studio/chart/trace-buffer.ts'

const RATE = 100

const filled = (values: number[], first = 0, columns = 50): Columns => {
  const buffer = createTraceBuffer(1, RATE)
  append(buffer, { data: values, timestamps: [], first })
  return columnsOf(buffer, columns)
}

const columnsOf = (buffer: ReturnType<typeof createTraceBuffer>, columns = 50): Columns => {
  const points: Columns = new Array(columns * 2)
  fillColumns(points, buffer, 0)
  return points
}

t.test('columns span the window and end at the newest sample', async (t) => {
  const times = columnTimes(50)
  t.equal(times.length, 100)
  t.ok((times[0] as number) > -WINDOW && (times.at(-1) as number) < 0)
})

t.test('a peak of one sample is never lost', async (t) => {
  for (let at = 0; at < 500; at++) {
    const values = new Array(500).fill(0)
    values[at] = 99
    t.ok(filled(values).includes(99), `sample ${at}`)
  }
})

t.test('the minimum and maximum of a column keep their order', async (t) => {
  const rising = filled(Array.from({ length: 500 }, (_, i) => i))
  t.strictSame(
    rising,
    [...rising].sort((a, b) => (a as number) - (b as number)),
  )
  const falling = filled(Array.from({ length: 500 }, (_, i) => -i))
  t.strictSame(
    falling,
    [...falling].sort((a, b) => (b as number) - (a as number)),
  )
})

t.test('columns without samples are empty', async (t) => {
  t.ok(filled([]).every((value) => value === undefined))
  const short = filled([1, 2, 3])
  t.equal(short.at(-1), 3)
  t.equal(short[0], undefined)
})

t.test('the line breaks at all columns with missing samples', async (t) => {
  const buffer = createTraceBuffer(1, RATE)
  append(buffer, { data: new Array(250).fill(1), timestamps: [], first: 0 })
  append(buffer, { data: new Array(150).fill(1), timestamps: [], first: 350 })
  const columns = columnsOf(buffer)
  const missing = columns.filter((value) => value === null).length / 2
  t.ok(missing >= 8 && missing <= 10, `${missing} of 50 columns for a fifth of the window`)
  t.notOk(filled(new Array(500).fill(1)).includes(null))
})

t.test('a sample that is not finite only leaves a hole', async (t) => {
  const columns = filled([1, Number.NaN, 3, Number.POSITIVE_INFINITY])
  t.ok(columns.every((value) => value === undefined || value === null || Number.isFinite(value)))
})

t.test('timestamps that decrease or are NaN do no harm', async (t) => {
  const buffer = createTraceBuffer(1, 0)
  append(buffer, { data: [1, 2, 3, 4], timestamps: [1e12, -1e12, Number.NaN, 5], first: 0 })
  t.equal(columnsOf(buffer).length, 100)
})
