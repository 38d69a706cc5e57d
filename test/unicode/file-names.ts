import fc from 'fast-check'
import t from 'tap'
import { fileName } from '../../src/unicode/file-names.ts'

t.test('the name of a file is cut between two characters, to 255 bytes', async (t) => {
  t.equal(fileName('lab', '.xdf'), 'lab.xdf')
  t.equal(fileName('a'.repeat(255), '-2.csv'), `${'a'.repeat(249)}-2.csv`)
  t.equal(fileName('東'.repeat(512), '.csv'), `${'東'.repeat(83)}.csv`)
  t.equal(fileName('👍'.repeat(100), '.csv'), `${'👍'.repeat(62)}.csv`)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 60, maxLength: 300 }), (stem) => {
      const name = fileName(stem, '.csv')
      const kept = name.slice(0, -4)
      return new TextEncoder().encode(name).length <= 255 && stem.startsWith(kept) && kept.isWellFormed()
    }),
  )
})
