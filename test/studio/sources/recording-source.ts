import t from 'tap'
import { playRecording } from '../../../src/studio/sources/recording-source.ts'

const recording = (nominalRate: number) => ({
  labels: ['a', 'b'],
  units: ['µV', 'mV'],
  nominalRate,
  samples: [new Float64Array([1, 2, 3]), new Float64Array([10, 20, 30])],
  timestamps: new Float64Array([100, 104, 108]),
})

t.test('channels are interleaved into rows', async (t) => {
  const source = playRecording(recording(250), 'two.csv')
  const { data, timestamps } = source.read(1, 3)
  t.strictSame([...data], [2, 20, 3, 30])
  t.strictSame([...timestamps], [104, 108])
  t.equal(source.length, 3)
  t.equal(source.pace, 250)
})

t.test('without a rate the timestamps set the pace, and nominalRate stays 0', async (t) => {
  const source = playRecording(recording(0), 'two.csv')
  t.equal(source.nominalRate, 0)
  t.equal(source.pace, 250)
})

t.test('constant timestamps can be played too', async (t) => {
  const still = { ...recording(0), timestamps: new Float64Array(3) }
  t.ok(playRecording(still, 'still.csv').pace > 0)
})
