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
