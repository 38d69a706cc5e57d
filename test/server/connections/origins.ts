/** Which pages may use an app that another program serves. test/conformance/web.ts tests the program's own rules. */
import t from 'tap'
import { type AppOptions, createApp, createLog } from '../../../mod.ts'

/** Requests `/rooms` and `/ice` from an app with these options. */
function asker(options: AppOptions = {}) {
  const lines: string[] = []
  const app = createApp({ log: createLog({ print: (line) => lines.push(line) }), ...options })
  const ask = async (host: string, origin?: string, method = 'GET') => {
    const headers = { host, ...(origin !== undefined && { origin }) }
    const [rooms, ice] = await Promise.all(['/rooms', '/ice'].map((path) => app.request(path, { method, headers })))
    if (rooms === undefined || ice?.status !== rooms.status) throw new Error(`/ice answers ${ice?.status}`)
    return { status: rooms.status, headers: Object.fromEntries(rooms.headers), text: await rooms.text() }
  }
  const metrics = async () => (await app.request('/metrics')).text()
  return { ask, lines, metrics }
}

t.test('an app in another program serves every host, and the pages of that host', async (t) => {
  const { ask } = asker()
  t.match(await ask('streams.example.org', 'https://streams.example.org'), {
    status: 200,
    headers: { 'access-control-allow-origin': 'https://streams.example.org', vary: /Origin/ },
  })
  t.match(await ask('Streams.Example.org.:8080', 'http://streams.example.org:8080'), { status: 200 })
  t.match(await ask('streams.example.org:443', 'https://streams.example.org'), { status: 200 })
  for (const origin of ['https://streams.example.org:8443', 'https://evil.example', 'http://localhost:3000', 'null']) {
    const { status, headers, text } = await ask('streams.example.org', origin)
    t.equal(status, 403, origin)
    t.notOk('access-control-allow-origin' in headers, 'the page cannot read the answer')
    t.match(text, new RegExp(`^Cannot accept pages of ${origin}: .*--origin .*\\(in code: origins\\)\n$`))
  }
  t.match(
    await ask('localhost:3000', 'http://localhost:5173'),
    { status: 200 },
    'other ports of this machine are known',
  )
})

t.test('a user that is identified by a cookie is known to its own origin only', async (t) => {
  const { ask } = asker({ identify: () => ({ auth: 'ada' }) })
  t.match(await ask('localhost:3000', 'http://localhost:3000'), { status: 200 })
  t.match(await ask('localhost:3000', 'http://localhost:5173'), { status: 403 })
  t.match(await ask('localhost:3000'), { status: 200 })
})

t.test('allowed origins use the server besides its own pages', async (t) => {
  const { ask } = asker({
    origins: ['https://lab.example.org', 'capacitor://localhost'],
    identify: () => ({ auth: 'a' }),
  })
  for (const origin of ['https://lab.example.org', 'capacitor://localhost', 'http://own.example']) {
    t.match(await ask('own.example', origin), { status: 200, headers: { 'access-control-allow-origin': origin } })
  }
  t.match(await ask('own.example', 'http://lab.example.org'), { status: 403 }, 'another scheme is another origin')
  const all = asker({ origins: ['*'] })
  t.match(await all.ask('own.example', 'null'), { status: 200, headers: { 'access-control-allow-origin': '*' } })
  t.notOk('vary' in (await all.ask('own.example', 'null')).headers)
})

t.test('public URLs limit the hosts, and their pages are own pages', async (t) => {
  const { ask } = asker({ publicUrls: ['https://streams.example.org/lab'] })
  t.match(await ask('streams.example.org', 'https://streams.example.org'), { status: 200 })
  t.match(await ask('localhost:3000', 'https://streams.example.org'), { status: 200 }, 'a proxy may change the host')
  t.match(await ask('evil.example:3000'), {
    status: 421,
    text: /^Cannot serve evil.example:3000: .*--public-url http:\/\/evil.example:3000 \(in code: publicUrls\)\n$/,
  })
})

t.test('a preflight is answered for allowed pages only', async (t) => {
  const { ask } = asker({ origins: ['https://lab.example.org'] })
  t.match(await ask('own.example', 'https://lab.example.org', 'OPTIONS'), {
    status: 204,
    text: '',
    headers: {
      'access-control-allow-origin': 'https://lab.example.org',
      'access-control-allow-headers': 'Authorization',
      'access-control-allow-methods': 'GET',
      vary: 'Origin',
    },
  })
  const { status, headers } = await ask('own.example', 'https://evil.example', 'OPTIONS')
  t.equal(status, 403)
  t.notOk('access-control-allow-origin' in headers)
})

t.test('the log names each refused origin and host once, up to a bound', async (t) => {
  const { ask, lines, metrics } = asker({ publicUrls: ['https://streams.example.org'] })
  for (let i = 0; i < 3; i++) {
    await ask('localhost', 'https://evil.example')
    await ask('evil.example')
  }
  t.match(lines, [
    / warn origin refused origin=https:\/\/evil.example allow="--origin https:\/\/evil.example"$/,
    / warn host refused host=evil.example allow="--public-url http:\/\/evil.example"$/,
  ])
  t.equal(lines.length, 2)
  for (let i = 0; i < 200; i++) await ask('localhost', `https://${i}.evil.example`)
  t.equal(lines.length, 100)
  const long = await ask('localhost', `https://${'x'.repeat(10_000)}`)
  t.ok(long.text.length < 1_000, 'the answer does not repeat a long text')
  t.match(await metrics(), /^datastreams_foreign_requests_total\{header="origin"\} 408$/m)
  t.match(await metrics(), /^datastreams_foreign_requests_total\{header="host"\} 6$/m)
})

t.test('an invalid origin or public URL throws', async (t) => {
  for (const options of [{ origins: ['lab.example.org'] }, { origins: ['null'] }, { publicUrls: ['example.org'] }]) {
    t.throws(() => createApp(options), { name: 'RangeError', message: /^An? .* must be like https:/ })
  }
})
