import t from 'tap'
import { gzipped, partsOf } from '../../bench/size/parts.ts'

/** A source map of two files on one line. The second file begins at the fifth column. */
const map = (sources: string[]) => ({
  ...{ file: '', version: 3, sourcesContent: [], names: [], sourceRoot: '' },
  sources,
  mappings: 'AAAA,ICAA',
})

t.test('each character counts for the file that it comes from', async (t) => {
  const parts = partsOf('aaaabb', map(['node_modules/simple-peer/index.js', 'src/peer/of-tomorrow.ts']))
  const sizes = Object.fromEntries(parts.map(({ name, minified }) => [name, minified]))
  t.strictSame(sizes, { 'simple-peer': 4, 'messages between peers, and the rest of the companion': 2 })
  const gzip = parts.reduce((sum, part) => sum + part.gzip, 0)
  t.ok(Math.abs(gzip - gzipped('aaaabb')) < 1e-9, 'the shares add up to the size of the whole')
})

t.test('files with the same purpose form one part, and the largest part is first', async (t) => {
  const parts = partsOf('aaaabb', map(['src/streams/xdf/recorder.ts', 'src/peer/recording/room-recording.ts']))
  t.match(parts, [{ name: 'recordings', minified: 6 }])
  t.equal(parts.length, 1)
  const text = 'aaaaqwertyuiopasdfghjklzxcvbnm'
  const [first] = partsOf(text, map(['src/protocol/frame.ts', 'src/msgpack/encode.ts']))
  t.equal(first?.name, 'msgpack, and checks of messages')
})

t.test('an unknown package throws', async (t) => {
  t.throws(() => partsOf('aaaabb', map(['src/peer/room/session.ts', 'node_modules/left-pad/index.js'])), {
    message: 'Cannot tell what node_modules/left-pad/index.js is there for',
  })
})
