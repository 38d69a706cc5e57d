import t from 'tap'
import { extentOf, rowHeight } from '../../../src/studio/chart/scale.ts'

t.test('a channel is centred on its mean', async (t) => {
  t.strictSame(extentOf([1, undefined, 1, null, 10]), { centre: 4, height: 9 })
  t.equal(extentOf([undefined, null]), undefined)
})

t.test('the row height is a round number that fits the typical channel', async (t) => {
  t.equal(rowHeight([60, 70, 80], 0), 100)
  t.equal(rowHeight([130, 140, 150], 0), 200)
  t.equal(rowHeight([0.0003], 0), 0.0005)
  t.equal(rowHeight([40, 50, 45, 48, 187_000], 0), 50)
})

t.test('a row keeps its height until its channels are too high or too low for it', async (t) => {
  t.equal(rowHeight([40, 40, 40], 100), 100)
  t.equal(rowHeight([101, 101, 101], 100), 200)
  t.equal(rowHeight([24, 24, 24], 100), 50)
})

t.test('flat and absent channels have a height too', async (t) => {
  t.equal(rowHeight([0, 0], 0), 1)
  t.equal(rowHeight([], 20), 20)
})
