import t from 'tap'
import { shortNames } from '../../../src/studio/chart/short-names.ts'

t.test('short labels stay as they are', async (t) => {
  t.strictSame(shortNames(['EEG Fp1', 'EEG Fp2']), ['EEG Fp1', 'EEG Fp2'])
  t.strictSame(shortNames([]), [])
})

t.test('words that all labels begin with are left out', async (t) => {
  t.strictSame(shortNames(['EXG Channel 0', 'EXG Channel 11']), ['0', '11'])
  t.strictSame(shortNames(['left electrode', 'left eye']), ['ele…rode', 'eye'])
  t.strictSame(shortNames(['same label', 'same label']), ['label', 'label'])
})

t.test('a label that is still too long keeps both its ends', async (t) => {
  t.strictSame(shortNames(['accelerometer_x']), ['acc…er_x'])
  t.strictSame(shortNames(['EXG Channel 0']), ['EXG…el 0'])
})
