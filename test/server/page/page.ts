import { createHash } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { Hono } from 'hono'
import t from 'tap'
import { cache } from '../../../src/server/page/answers.ts'
import { createPage, type PageFiles, PageUnavailable } from '../../../src/server/page/page.ts'
import { pageFiles } from '../../../src/server/runtime/files-node.ts'

const app = createPage(pageFiles())

const bodyOf = async (path: string): Promise<string> => {
  const response = await app.request(path)
  t.equal(response.status, 200, path)
  return response.text()
}

const importMapOf = (html: string): string => /<script type="importmap">(.*?)<\/script>/.exec(html)?.[1] ?? ''

const preloadsOf = (html: string): string[] =>
  [...html.matchAll(/<link rel="modulepreload" href="([^"]+)">/g)].map((match) => match[1] as string)

t.test('every address in the page exists', async (t) => {
  const html = await bodyOf('/')
  const addresses = [...html.matchAll(/(?:href|src)="((?:modules|libraries)\/[^"]+)"/g)].map(
    (match) => match[1] as string,
  )
  t.ok(addresses.includes('modules/studio/main.ts'))
  t.ok(addresses.includes('modules/studio/page.css'))
  t.ok(addresses.includes('libraries/uplot.css'))
  for (const address of addresses) t.equal((await app.request(`/${address}`)).status, 200, address)
})

t.test('every module that the page imports is served, preloaded and in the import map', async (t) => {
  const html = await bodyOf('/')
  const { imports } = JSON.parse(importMapOf(html)) as { imports: Record<string, string> }
  const preloaded = new Set(preloadsOf(html))
  const found = new Set(['modules/studio/main.ts'])
  for (const address of found) {
    const code = await bodyOf(`/${address}`)
    for (const specifier of specifiersOf(code)) {
      const target = specifier.startsWith('.') ? specifier : imports[specifier]
      if (target === undefined) t.fail(`${address} imports ${specifier}, which is not in the import map`)
      else found.add(new URL(target, `http://page/${specifier.startsWith('.') ? address : ''}`).pathname.slice(1))
    }
  }
  t.ok(found.size > 20, `${found.size} modules`)
  t.strictSame([...preloaded].sort(), [...found].sort())
})

t.test('modules are served without types, and libraries as modules', async (t) => {
  const op = await bodyOf('/modules/protocol/op.ts')
  t.match(op, 'export const Op')
  t.notMatch(op, 'export type')
  for (const [name, exported] of [
    ['simple-peer.js', /^export default module\.exports$/m],
    ['uplot.js', /export \{ uPlot as default \}/],
  ] as const) {
    const code = await bodyOf(`/libraries/${name}`)
    t.match(code, exported)
    const library = await import(pathToFileURL(`${t.testdir({ [`${name}.mjs`]: code })}/${name}.mjs`).href)
    t.type(library.default, 'function', name)
  }
})

t.test('no other file is served', async (t) => {
  for (const path of [
    '/modules/core/service.ts',
    '/modules/server/page.ts',
    '/modules/studio/absent.ts',
    '/modules/studio/page.html',
    '/modules/studio/../core/service.ts',
    '/modules/studio/%2e%2e/core/service.ts',
    '/modules/studio/..%2fcore%2fservice.ts',
    '/modules/studio/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/modules/studio//etc/passwd',
    '/modules/studio/main.ts%00.css',
    '/modules/studio/MAIN.TS',
    '/modules/studio',
    '/modules/',
    '/libraries/hono.js',
    '/libraries/toString',
    '/libraries/..%2f..%2fpackage.json',
  ]) {
    t.equal((await app.request(path)).status, 404, path)
  }
})

t.test('the policy allows the import map by its hash and no other inline script', async (t) => {
  const response = await app.request('/')
  const html = await response.text()
  const policy = response.headers.get('content-security-policy') ?? ''
  const hash = createHash('sha256').update(importMapOf(html)).digest('base64')
  t.match(policy, `script-src 'self' 'sha256-${hash}';`)
  t.match(policy, "default-src 'none'")
  t.notMatch(policy, 'unsafe')
  t.equal([...html.matchAll(/<script(?![^>]*src=)/g)].length, 1)
  t.notMatch(html, /<style|style="|\son[a-z]+="/)
  t.equal(response.headers.get('x-content-type-options'), 'nosniff')
  t.equal(response.headers.get('referrer-policy'), 'no-referrer')
})

t.test('a file in the browser’s cache is not sent again', async (t) => {
  for (const path of ['/', '/modules/studio/main.ts', '/libraries/simple-peer.js']) {
    const first = await app.request(path, { headers: { 'accept-encoding': 'gzip' } })
    t.equal(first.headers.get('content-encoding'), 'gzip', path)
    t.equal(first.headers.get('cache-control'), 'no-cache', path)
    const etag = first.headers.get('etag') ?? ''
    await first.arrayBuffer()
    const again = await app.request(path, { headers: { 'if-none-match': etag } })
    t.equal(again.status, 304, path)
    t.equal(await again.text(), '')
  }
})

t.test('an answer is compressed once for all requests, and its length is known', async (t) => {
  const { CompressionStream: Original } = globalThis
  let compressed = 0
  globalThis.CompressionStream = class extends Original {
    constructor(format: CompressionFormat) {
      super(format)
      compressed++
    }
  }
  t.teardown(() => Object.assign(globalThis, { CompressionStream: Original }))
  const page = createPage(pageFiles())
  const get = async (encoding: string | undefined, path = '/libraries/uplot.js') => {
    const response = await page.request(
      path,
      encoding === undefined ? {} : { headers: { 'accept-encoding': encoding } },
    )
    const { headers } = response
    t.match(headers.get('vary'), 'Accept-Encoding')
    const bytes = new Uint8Array(await response.arrayBuffer())
    t.equal(headers.get('content-length'), String(bytes.length))
    return { bytes, encoding: headers.get('content-encoding'), etag: headers.get('etag') }
  }
  const plain = await get(undefined)
  for (const encoding of ['gzip', 'br, GZIP;q=0.5', 'gzip, deflate', 'gzip']) {
    const answer = await get(encoding)
    t.match(answer, { encoding: 'gzip', etag: plain.etag })
    t.same(new Uint8Array(gunzipSync(answer.bytes)), plain.bytes, encoding)
  }
  for (const encoding of ['br', 'gzip;q=0', 'gzip; q=0.0', 'x-gzip']) t.equal((await get(encoding)).encoding, null)
  t.equal(compressed, 1)
  t.equal((await get('gzip', '/modules/protocol/mod.ts')).etag === plain.etag, false, 'each file has its own ETag')
})

t.test('the tag of another answer does not match, and * matches every one', async (t) => {
  const status = async (tag: string) => (await app.request('/', { headers: { 'if-none-match': tag } })).status
  const tag = (await app.request('/')).headers.get('etag') as string
  t.equal(await status('W/"other"'), 200)
  for (const match of [tag, tag.replace('W/', ''), `"other", ${tag}`, '*']) t.equal(await status(match), 304, match)
})

t.test('the cache is bounded', async (t) => {
  const keep = cache<number>(2)
  let made = 0
  const get = (key: string) => keep(key, async () => ++made)
  t.strictSame([await get('a'), await get('b'), await get('a')], [1, 2, 1])
  t.equal(await get('c'), 3)
  t.strictSame([await get('b'), await get('a')], [2, 4], 'the oldest value is dropped')
  for (let i = 0; i < 10; i++) await keep(`absent ${i}`, async () => undefined)
  t.strictSame([await get('c'), await get('a')], [3, 4], 'what does not exist displaces nothing')
})

t.test('mounted under a path, the page finds its files', async (t) => {
  const host = new Hono().route('/people/streams', app)
  const html = await (await host.request('/people/streams')).text()
  const base = /<base href="([^"]+)">/.exec(html)?.[1] ?? ''
  const main = new URL('modules/studio/main.ts', new URL(base, 'http://page/people/streams'))
  t.equal((await host.request(main.pathname)).status, 200)
  t.notMatch(await bodyOf('/'), '<base')
})

t.test('a server that may not read its files answers 503', async (t) => {
  const files: PageFiles = {
    source: async () => {
      throw new PageUnavailable('Cannot show the page')
    },
    library: async () => '',
  }
  const response = await createPage(files).request('/')
  t.equal(response.status, 503)
  t.equal(await response.text(), 'Cannot show the page\n')
})

t.test('a file is read once for all requests, and a failure is not cached', async (t) => {
  let reads = 0
  const files: PageFiles = {
    async source() {
      reads++
      if (reads === 1) throw new PageUnavailable('Cannot show the page')
      return 'export {}'
    },
    library: async () => '',
  }
  const page = createPage(files)
  t.equal((await page.request('/modules/studio/a.ts')).status, 503)
  await Promise.all([page.request('/modules/studio/a.ts'), page.request('/modules/studio/a.ts')])
  t.equal((await page.request('/modules/studio/a.ts')).status, 200)
  t.equal(reads, 2)
})

/** Finds specifiers in another way than the server does: it skips the lines of comments, which begin with a star. */
function specifiersOf(code: string): string[] {
  const lines = code.split('\n').filter((line) => !/^\s*(?:\*|\/)/.test(line))
  return [...lines.join('\n').matchAll(/(?:\bfrom\s*|^import\s*)['"]([^'"]+)['"]/gm)].map((match) => match[1] as string)
}
