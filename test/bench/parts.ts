import t from 'tap'
import { gzipped, partsOf } from '../../bench/size/parts.ts'

/** A source map of two files on one line. The second file begins at the fifth column. */
const map = (sources: string[]) => ({
  ...{ file: '', version: 3, sourcesContent: [], names: [], sourceRoot: '' },
  sources,
  mappings: 'AAAA,ICAA',
})

t.test('each character counts for the file that it comes from', async (t) => {
  const parts = partsOf('aaaabb', map(['node_modules/valibot/index.mjs', 'src/peer/xdf-of-tomorrow.ts']))
  const sizes = Object.fromEntries(parts.map(({ name, minified }) => [name, minified]))
  t.strictSame(sizes, { valibot: 4, 'publications, what waits to be sent, and the rest of the companion': 2 })
  const gzip = parts.reduce((sum, part) => sum + part.gzip, 0)
  t.ok(Math.abs(gzip - gzipped('aaaabb')) < 1e-9, 'the shares add up to the size of the whole')
})

t.test('files with the same purpose form one part, and the largest part is first', async (t) => {
  const parts = partsOf('aaaabb', map(['src/streams/xdf/recorder.ts', 'src/peer/recording/room-recording.ts']))
  t.match(parts, [{ name: 'recordings', minified: 6 }])
  t.equal(parts.length, 1)
  const text = 'aaaaqwertyuiopasdfghjklzxcvbnm'
  const [first] = partsOf(text, map(['src/protocol/codec.ts', 'node_modules/@msgpack/msgpack/index.mjs']))
  t.equal(first?.name, '@msgpack/msgpack')
})

t.test('an unknown package throws', async (t) => {
  t.throws(() => partsOf('aaaabb', map(['src/peer/room/session.ts', 'node_modules/left-pad/index.js'])), {
    message: 'Cannot tell what node_modules/left-pad/index.js is there for',
  })
})
