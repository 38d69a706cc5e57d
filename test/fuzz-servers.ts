/**
 * Sends the same input, which is nearly valid, to a server on each runtime: frames, text and HTTP requests. Tests that
 * all close a connection with the same code, that none reports a fault, and that all still serve others. `npm run fuzz`
 * does the same for longer.
 */
import { connect } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { Op } from '../mod.ts'
import { BinaryClient, type Client, type Json, JsonClient } from './fixture/client.ts'
import { anyBytes, anyText, foundBytes, foundTexts, nearly } from './fixture/fuzz-input.ts'
import { commands, type RuntimeName, startServer, type TestServer } from './fixture/server.ts'
import { LONGEST_WAIT } from './fixture/until.ts'

/** Messages, and requests, to each of the servers. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 300)
/** Messages on one connection. */
const MESSAGES = 50
/** HTTP requests on one connection. */
const REQUESTS = 10
t.setTimeout(7_200_000)

/** A `seq` that no generated frame has. */
const LAST = 4_711_000_000_000_001
const LIMIT = 262_144
/** The limits of rates close connections at a time that depends on the machine, so they are off. */
const ARGS = ['--port', '0', '--log', 'json', '--log-level', 'error', '--max-frames-per-second', '1000000000']
const RATES = ['--max-bytes-per-second', '2000000000', '--max-rooms', '1000000', '--max-rooms-made', '1000000']

const names = Object.keys(commands) as RuntimeName[]
const servers = new Map<RuntimeName, TestServer>()
await Promise.all(names.map(async (name) => servers.set(name, await startServer(commands[name], [...ARGS, ...RATES]))))
t.teardown(() => Promise.all(Array.from(servers.values(), (server) => server.stop())))

type Message = string | Uint8Array

/**
 * Returns the code with which the server closed the connection; undefined if it stays open. Bun itself ends a connection
 * at a message that is too large, while text before it may still wait for its turn. So if there are both, the codes of
 * both count as one.
 */
async function codeOfBinary(
  { signal }: TestServer,
  messages: readonly Message[],
): Promise<number | string | undefined> {
  const client = await BinaryClient.open(signal)
  for (const message of messages) client.socket.send(message)
  client.send([Op.rooms, LAST, null])
  const answered = client.take(([op, seq]) => (op === Op.ok || op === Op.error) && seq === LAST)
  const code = await closeCode(client, answered, ([op, , error]) => op === Op.error && isFatal(error as Json))
  const hasBoth = messages.includes(oversize) && messages.some((message) => typeof message === 'string')
  return hasBoth && (code === 1003 || code === 1009) ? '1003 or 1009' : code
}

async function codeOfText({ signal }: TestServer, messages: readonly Message[]): Promise<number | undefined> {
  const client = await JsonClient.open(signal)
  for (const message of messages) client.socket.send(message)
  client.send({ data: { cmd: 'rooms' }, callbackId: LAST, service: 'webrtc' })
  const answered = client.take(({ callbackId }) => callbackId === LAST)
  return closeCode(client, answered, ({ error }) => error !== undefined && isFatal(error))
}

/** Whether the server closes the connection after this error. On Deno, it may answer requests until then. */
const isFatal = ({ code, reason }: Json): boolean => code === 'frame-too-large' || reason === 'text-on-binary'

async function closeCode<Message>(
  client: Client<Message>,
  answered: Promise<unknown>,
  isFatal: (message: Message) => boolean,
): Promise<number | undefined> {
  // Without an answer, `answered` rejects when the connection is closed.
  const open = await answered.then(
    () => true,
    () => false,
  )
  const code = open && !client.inbox.some(isFatal) ? undefined : (await client.closed).code
  await client.close()
  return code
}

/** @throws Error if the servers differ */
async function sameOnAll(look: (server: TestServer) => Promise<unknown>): Promise<void> {
  const seen = await Promise.all(names.map((name) => look(servers.get(name) as TestServer)))
  const texts = new Set(seen.map((one) => JSON.stringify(one) ?? 'open'))
  if (texts.size > 1) throw new Error(`The servers differ: ${names.map((name, i) => `${name} ${seen[i]}`).join(', ')}`)
}

const oversize = new Uint8Array(LIMIT + 1).fill(0xc0)
const bytes: fc.Arbitrary<Message> = fc.oneof(
  { weight: 500, arbitrary: anyBytes },
  { weight: 3, arbitrary: anyText },
  { weight: 2, arbitrary: fc.constant(oversize) },
)
const texts: fc.Arbitrary<Message> = fc.oneof(
  { weight: 500, arbitrary: anyText },
  { weight: 3, arbitrary: anyBytes },
  { weight: 2, arbitrary: fc.constant('x'.repeat(LIMIT + 1)) },
)
const many = <Input>(input: fc.Arbitrary<Input>, length: number) =>
  fc.array(input, { minLength: length, maxLength: length, size: 'max' })
const runs = (share: number, each: number) => Math.ceil((RUNS * share) / each)

t.test('any frames get the same close code on all runtimes', async (t) => {
  let sent = 0
  const property = fc.asyncProperty(many(bytes, MESSAGES), async (messages) => {
    sent += names.length * messages.length
    await sameOnAll((server) => codeOfBinary(server, messages))
  })
  // On Deno, a close in answer to the first message must wait for those that follow.
  const hasty: [Message[]] = [['text', ...foundBytes]]
  const examples: [Message[]][] = [[foundBytes], ...Array.from({ length: 10 }, () => hasty)]
  await fc.assert(property, { numRuns: examples.length + runs(0.7, MESSAGES), examples })
  t.comment(`${sent} frames`)
})

t.test('any text gets the same close code on all runtimes', async (t) => {
  let sent = 0
  const property = fc.asyncProperty(many(texts, MESSAGES), async (messages) => {
    sent += names.length * messages.length
    await sameOnAll((server) => codeOfText(server, messages))
  })
  await fc.assert(property, { numRuns: runs(0.3, MESSAGES), examples: [[foundTexts]] })
  t.comment(`${sent} messages`)
})

const harmless = fc.oneof(
  fc.constantFrom(
    'Origin: http://localhost',
    'Origin: null',
    'Authorization: Bearer x.y.z',
    'Range: bytes=0-1',
    'If-None-Match: *',
    'Accept-Encoding: gzip, br',
    'X-Forwarded-For: 192.0.2.1, ::1',
  ),
  fc.tuple(fc.stringMatching(/^x-[a-z]{1,20}$/), fc.stringMatching(/^[!-~]{0,50}$/)).map((both) => both.join(': ')),
)
/** Headers that change what the bytes after a request mean. */
const risky = fc.oneof(
  harmless,
  fc.constantFrom(
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: datastreams.webrtc.v1',
    'Content-Length: 5',
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
    'Host:',
  ),
  fc.string({ maxLength: 50 }),
)
const paths = fc.oneof(
  fc.constantFrom('/', '/signal', '/rooms', '/ice', '/healthz', '/readyz', '/metrics', '/modules/peer/mod.ts', '/%00'),
  fc.webPath().map((path) => path || '/'),
)
const requestOf = (line: fc.Arbitrary<string>, host: string, headers: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(line, fc.array(headers, { maxLength: 8 }))
    .map(([line, more]) => Buffer.from(`${line}\r\n${[host, ...more].join('\r\n')}\r\n\r\n`))

const methods = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE')
const plain = fc.tuple(methods, paths).map(([method, path]) => `${method} ${path} HTTP/1.1`)
const odd = fc
  .tuple(
    fc.oneof(methods, fc.constantFrom('CONNECT', 'get', 'BREW', '')),
    fc.oneof(paths, fc.string({ maxLength: 50 })),
    fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', ''),
  )
  .map((parts) => parts.join(' '))
const valid = requestOf(plain, 'Host: localhost', harmless)
const oddRequest = fc.oneof(
  requestOf(plain, 'Host: localhost', risky),
  requestOf(odd, 'Host: localhost', risky),
  requestOf(plain, 'Host: example.org', harmless),
)
/** Valid requests and an odd one, which is the last: a server rejects the connection with it. */
const requests = fc
  .tuple(many(valid, REQUESTS - 1), fc.oneof(oddRequest, nearly(oddRequest)))
  .map(([valid, last]) => [...valid, last])

/** Sends bytes, ends the connection, and returns what the server sent until it ended the connection, too. */
function exchange({ url }: TestServer, parts: readonly Uint8Array[]): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`The server did not end a connection: ${Buffer.concat(parts).toString('latin1')}`))
    }, LONGEST_WAIT)
    socket.on('data', (data) => {
      text += data.toString('latin1')
    })
    // A server may reset a connection that has sent more than it read.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
    for (const part of parts) socket.write(part)
    socket.end()
  })
}

t.test('any HTTP requests are answered or rejected without a fault', async (t) => {
  let [sent, answered] = [0, 0]
  const property = fc.asyncProperty(requests, async (parts) => {
    sent += names.length * parts.length
    const all = await Promise.all(names.map((name) => exchange(servers.get(name) as TestServer, parts)))
    for (const text of all) {
      if (/HTTP\/1\.1 500 /.test(text)) throw new Error('A server answered 500')
      answered += text.match(/HTTP\/1\.1 \d/g)?.length ?? 0
    }
  })
  await fc.assert(property, { numRuns: runs(1, REQUESTS) })
  t.comment(`${sent} requests, ${answered} answers`)
  t.ok(answered > 0)
})

t.test('all servers still serve others, and report no fault', async (t) => {
  for (const [name, { signal, output }] of servers) {
    const [ada, bob] = [await BinaryClient.open(signal), await BinaryClient.open(signal)]
    await ada.join('after the storm')
    await bob.join('after the storm')
    ada.send([Op.data, bob.id, 'still here'])
    t.same(await bob.take(([op]) => op === Op.data), [Op.data, ada.id, 'still here'], name)
    await Promise.all([ada.close(), bob.close()])
    // Deno warns of its own permissions there.
    t.notMatch(output.stderr, '"fault"', `${name} reports no fault`)
  }
})
