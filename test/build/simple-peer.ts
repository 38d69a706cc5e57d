import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { build } from 'esbuild'
import t from 'tap'
import { SLIM_SIMPLE_PEER, slimSimplePeer } from '../../build/simple-peer.ts'

const source = readFileSync(createRequire(import.meta.url).resolve('simple-peer'), 'utf8')
const slim = slimSimplePeer(source)

t.test('the slim simple-peer calls only methods that it has, and reads only fields that it sets', async (t) => {
  const methods = new Set([...slim.matchAll(/^ {2}(\w+) \([^)]*\) \{$/gm)].map(([, name]) => name))
  // The methods of src/peer/simple-peer/readable-stream.cts, and `end`, which only a stream that can be written needs.
  for (const name of ['on', 'once', 'removeListener', 'emit', 'push', 'end', '_addIceCandidate']) methods.add(name)
  const called = new Set([...slim.matchAll(/\bthis\.(\w+)\(/g)].map(([, name]) => name as string))
  t.ok(called.size > 15)
  for (const name of called) t.ok(methods.has(name), `${name} is there`)

  const assigned = new Set([...slim.matchAll(/\bthis\.(\w+) = /g)].map(([, name]) => name))
  for (const name of ['_readableState', '_writableState']) assigned.add(name)
  for (const [, name] of slim.matchAll(/\bthis\.(_?[a-z]\w*)\b(?! = |\()/gi)) t.ok(assigned.has(name), `${name} is set`)
})

t.test('the slim simple-peer has what the companion uses', async (t) => {
  const names = [
    'signal',
    'send',
    'addTrack',
    'removeTrack',
    'negotiate',
    'destroy',
    '_createOffer',
    '_onSignalingStateChange',
  ]
  for (const name of names) t.match(slim, `\n  ${name} (`)
  for (const code of ['this._createOffer()', 'this._pc = new', 'this._channel = event', 'this.destroyed = true']) {
    t.match(slim, code)
  }
  for (const event of ['signal', 'data', 'track', 'error', 'close']) {
    // `push` emits `data`.
    t.match(slim, event === 'data' ? 'this.push(data)' : `this.emit('${event}'`)
  }
})

t.test('every change is of a few lines, and the rest is unchanged', async (t) => {
  const lines = new Set(source.split('\n'))
  const changed = slim.split('\n').filter((line) => !lines.has(line))
  t.strictSame(changed.map((line) => line.trim()).sort(), ['sendAnswer()', 'sendOffer()'])
  t.ok(slim.length < source.length * 0.6, `${slim.length} of ${source.length} characters`)
})

t.test('a bundle with another simple-peer makes the build fail', async (t) => {
  const bundle = (contents: string) =>
    build({
      stdin: { contents, resolveDir: import.meta.dirname },
      plugins: [SLIM_SIMPLE_PEER],
      bundle: true,
      write: false,
      metafile: true,
      logLevel: 'silent',
    })
  await t.rejects(bundle("import 'simple-peer/simplepeer.min.js'"), { message: /but not the smaller one/ })
  await t.resolves(bundle('export const other = 1'))
})

t.test('another version of simple-peer makes the build fail', async (t) => {
  t.throws(() => slimSimplePeer(source.replace('_maybeReady () {', '_maybeReady(){')), {
    message: /^Cannot make simple-peer smaller: it has nothing like .*_maybeReady/,
  })
})
