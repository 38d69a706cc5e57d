import t from 'tap'
import { gzipped, partsOf } from '../../bench/size/parts.ts'

/** Two files on one line; the second begins at the fifth column, in the digits of source maps. */
const map = (sources: string[]) => ({
  ...{ file: '', version: 3, sourcesContent: [], names: [], sourceRoot: '' },
  sources,
  mappings: 'AAAA,ICAA',
})

t.test('each character is of the file that it comes from', async (t) => {
  const parts = partsOf('aaaabb', map(['node_modules/valibot/index.mjs', 'src/peer/xdf-of-tomorrow.ts']))
  const sizes = Object.fromEntries(parts.map(({ name, minified }) => [name, minified]))
  t.strictSame(sizes, { valibot: 4, 'publications, what waits to be sent, and the rest of the companion': 2 })
  const gzip = parts.reduce((sum, part) => sum + part.gzip, 0)
  t.ok(Math.abs(gzip - gzipped('aaaabb')) < 1e-9, 'shares of the whole')
})

t.test('files that are there for one thing are one part, the largest part first', async (t) => {
  const parts = partsOf('aaaabb', map(['src/streams/xdf/recorder.ts', 'src/peer/recording/room-recording.ts']))
  t.match(parts, [{ name: 'recordings', minified: 6 }])
  t.equal(parts.length, 1)
  const text = 'aaaaqwertyuiopasdfghjklzxcvbnm'
  const [first] = partsOf(text, map(['src/protocol/codec.ts', 'node_modules/@msgpack/msgpack/index.mjs']))
  t.equal(first?.name, '@msgpack/msgpack')
})

t.test('a package that nobody counts on is an error', async (t) => {
  t.throws(() => partsOf('aaaabb', map(['src/peer/room/session.ts', 'node_modules/left-pad/index.js'])), {
    message: 'Cannot tell what node_modules/left-pad/index.js is there for',
  })
})
