import fc from 'fast-check'
import t from 'tap'
import { csvHeader, csvRows, parseRecording } from '../../../src/streams/mod.ts'

const channel = (label: string, unit = '') => ({ label, unit, type: '' })

t.test('labels, units and values are written', async (t) => {
  const channels = [channel('Fp1', 'µV'), channel('a, "b"'), channel('', 'mV'), channel('two\nlines')]
  t.equal(csvHeader({ channels }), 'time (s),Fp1 (µV),"a, ""b""",channel 3 (mV),two lines\n')
  const data = BigInt64Array.of(2n ** 63n - 1n, -1n, 0n, 5n)
  t.equal(
    csvRows({ data, timestamps: Float64Array.of(1500), first: 0 }, { channels, timeUnit: 'ms' }),
    '1.5,9223372036854775807,-1,0,5\n',
  )
})

t.test('markers are quoted where CSV requires it', async (t) => {
  const data = ['plain', 'a,b', 'say "hi"', 'two\nlines', ' space', '']
  const rows = csvRows({ data, timestamps: new Float64Array(6), first: 0 }, { channels: [channel('m')], timeUnit: 's' })
  t.equal(rows, '0,plain\n0,"a,b"\n0,"say ""hi"""\n0,"two\nlines"\n0," space"\n0,\n')
})

t.test('text that a spreadsheet would run as a formula gets an apostrophe, unless it is raw', async (t) => {
  const data = [
    '=1+1',
    '+1+1',
    '-1+1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    "'=1",
    '＝1',
    '=HYPERLINK("x","y")',
    'a=1',
    '-1.5e3',
    '+7',
  ]
  const channels = data.map((_, i) => channel(i === 0 ? '=cmd' : `c${i}`, i === 1 ? '=' : ''))
  const samples = { data, timestamps: Float64Array.of(1), first: 0 }
  t.equal(
    csvRows(samples, { channels, timeUnit: 's' }),
    `1,'=1+1,'+1+1,'-1+1,'@SUM(A1),'\t=1,"'\r=1",''=1,'＝1,"'=HYPERLINK(""x"",""y"")",a=1,-1.5e3,+7\n`,
  )
  t.equal(
    csvRows(samples, { channels, timeUnit: 's' }, { raw: true }),
    `1,=1+1,+1+1,-1+1,@SUM(A1),"\t=1","\r=1",'=1,＝1,"=HYPERLINK(""x"",""y"")",a=1,-1.5e3,+7\n`,
  )
  t.match(csvHeader({ channels }), "time (s),'=cmd,c1 (=),c2,")
  t.match(csvHeader({ channels }, { raw: true }), 'time (s),=cmd,c1 (=),c2,')
  const numbers = { data: Float64Array.of(-1, 2, -0.5), timestamps: Float64Array.of(-3), first: 0 }
  t.equal(csvRows(numbers, { channels: channels.slice(0, 3), timeUnit: 's' }), '-3,-1,2,-0.5\n', 'numbers are kept')
})

t.test('labels that look like formulas are read back exactly', async () => {
  const label = fc.string({ unit: fc.constantFrom("'", '=', '+', '-', '@', '1', 'a', ','), minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(fc.uniqueArray(label, { minLength: 2, maxLength: 4 }), (labels) => {
      // A line of numbers only is no line of column names.
      const channels = [channel('x'), ...labels.map((label) => channel(label))]
      const row = csvRows(
        { data: new Float64Array(channels.length), timestamps: Float64Array.of(0), first: 0 },
        {
          channels,
          timeUnit: 's',
        },
      )
      return parseRecording(csvHeader({ channels }) + row).labels.every((text, i) => text === channels[i]?.label)
    }),
    { numRuns: 1_000 },
  )
})

t.test('numbers are read back exactly', async () => {
  const label = fc
    .stringMatching(/^[\w ,"'µ]{1,8}$/)
    .filter((text) => /^\S.*\S$|^\S$/.test(text) && !/^time/i.test(text))
  fc.assert(
    fc.property(
      fc.array(fc.tuple(label, fc.stringMatching(/^[\w µ/]{0,4}$/)), { minLength: 1, maxLength: 4 }),
      fc.array(fc.double(), { minLength: 1, maxLength: 40 }),
      (names, values) => {
        const channels = names.map(([label, unit]) => channel(label.replace(/\s+/g, ' '), unit.trim()))
        const rows = Math.ceil(values.length / channels.length)
        const data = Float64Array.from(
          { length: rows * channels.length },
          (_, i) => values[i % values.length] as number,
        )
        const timestamps = Float64Array.from({ length: rows }, (_, i) => i * 1000)
        const text = csvHeader({ channels }) + csvRows({ data, timestamps, first: 0 }, { channels, timeUnit: 'ms' })
        const back = parseRecording(text)
        const same = back.samples.every((column, c) =>
          column.every((v, i) => Object.is(v, data[i * channels.length + c])),
        )
        return (
          same &&
          back.timestamps.every((stamp, i) => stamp === timestamps[i]) &&
          back.labels.every((text, i) => text === channels[i]?.label) &&
          back.units.every((text, i) => text === channels[i]?.unit.replace(/\s+/g, ' '))
        )
      },
    ),
  )
})
