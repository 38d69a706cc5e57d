import t from 'tap'
import { synthesize } from '../../../src/studio/sources/synthetic.ts'
import { seeded } from '../../fixture/seeded.ts'

t.test('the source has 8 channels at 250 Hz with timestamps in ms', async (t) => {
  const source = synthesize(1_000)
  const { data, timestamps } = source.read(250, 500)
  t.equal(source.labels.length, 8)
  t.equal(data.length, 2_000)
  t.ok(data.every(Number.isFinite))
  t.strictSame([...timestamps.subarray(0, 2)], [2_000, 2_004])
})

t.test('the alpha rhythm is at the back, blinks are at the front', async (t) => {
  const source = synthesize(0, seeded(1))
  const { data } = source.read(0, 250 * 30)
  const channel = (name: string) => data.filter((_, i) => i % 8 === source.labels.indexOf(name))
  t.ok(power(channel('O1'), 8, 12) > 5 * power(channel('Fp1'), 8, 12))
  t.ok(Math.max(...channel('Fp1')) > 90)
  t.ok(Math.max(...channel('O1')) < 90)
})

/** Returns the mean squared amplitude between two frequencies in Hz, by a plain Fourier sum. */
function power(values: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let frequency = from; frequency <= to; frequency += 0.1) {
    let real = 0
    let imaginary = 0
    values.forEach((value, i) => {
      real += value * Math.cos((2 * Math.PI * frequency * i) / 250)
      imaginary += value * Math.sin((2 * Math.PI * frequency * i) / 250)
    })
    sum += real ** 2 + imaginary ** 2
  }
  return sum / values.length
}
