import t from 'tap'
import { readIceServers } from '../../../src/server/ice-servers.ts'
import { HELP, readCommandLine, UsageError } from '../../../src/server/program/command-line.ts'
import { startLine } from '../../../src/server/program/start-line.ts'

const none = () => undefined
const options = (args: string[], environment: (name: string) => string | undefined = none) => {
  const command = readCommandLine(args, environment)
  return command.do === 'serve' ? command.options : undefined
}

t.test('flags and environment variables for tokens become options', async (t) => {
  t.same(options(['--jwt-secret', 'x']), { tokens: { secret: 'x' } })
  t.same(
    options([], (name) => (name === 'JWT_SECRET' ? 'y' : undefined)),
    { tokens: { secret: 'y' } },
  )
  t.same(
    options(['--jwt-secret', 'x'], (name) => (name === 'JWT_SECRET' ? 'y' : undefined)),
    { tokens: { secret: 'x' } },
  )
  t.same(options(['--jwks', 'keys.json', '--jwt-audience', 'a', '--jwt-issuer', 'i']), {
    tokens: { jwks: 'keys.json', audience: 'a', issuer: 'i' },
  })
})

t.test('keys from another machine need https', async (t) => {
  for (const jwks of ['https://id.example.org/keys', 'http://localhost:8080/keys', 'http://127.0.0.1/keys']) {
    t.same(options(['--jwks', jwks]), { tokens: { jwks } })
  }
})

t.test('flags for origins, STUN and TURN become options', async (t) => {
  t.same(options(['--origin', 'https://a.example.org', '--origin', 'http://localhost:8080/']), {
    origins: ['https://a.example.org', 'http://localhost:8080'],
  })
  const urls = ['turn:t.example.org:3478?transport=udp', 'turns:[2001:db8::1]:5349?transport=tcp']
  const turn = ['--turn-url', urls[0] as string, '--turn-url', urls[1] as string]
  t.same(options([...turn, '--turn-secret', 's', '--turn-ttl', '60']), { turn: { urls, secret: 's', ttl: 60_000 } })
  t.same(
    options(turn, (name) => (name === 'TURN_SECRET' ? 'e' : undefined)),
    { turn: { urls, secret: 'e' } },
  )
  t.same(options(['--stun-url', 'stun:s.example.org']), { iceServers: [{ urls: 'stun:s.example.org' }] })
  t.same(options(['--ice-servers', 'ice.json']), { iceServersFile: 'ice.json' })
})

t.test('invalid flags for identity throw a UsageError', async (t) => {
  for (const args of [
    ['--jwt-secret', ''],
    ['--jwt-secret', 'x', '--jwks', 'keys.json'],
    ['--jwt-audience', 'a'],
    ['--jwks', 'http://id.example.org/keys'],
    ['--jwks', 'http://localhost.example.org/keys'],
    ['--jwt-issuer', 'i'],
    ['--jwt-secret', 'x', '--jwt-audience', ''],
    ['--origin', 'lab.example.org'],
    ['--origin', 'https://lab.example.org/page'],
    ['--origin', 'file:///tmp'],
    ['--turn-url', 'turn:t.example.org'],
    ['--turn-url', 'https://t.example.org', '--turn-secret', 's'],
    ['--turn-url', 'stun:t.example.org', '--turn-secret', 's'],
    ['--turn-secret', 's'],
    ['--turn-ttl', '60'],
    ['--turn-url', 'turn:t.example.org', '--turn-secret', 's', '--turn-ttl', '0'],
    ['--turn-url', 'turn:t.example.org', '--turn-secret', 's', '--turn-ttl', 'x'],
    ['--stun-url', 'turn:t.example.org'],
  ]) {
    t.throws(() => options(args), UsageError, args.join(' '))
  }
  t.throws(
    () => options([], (name) => (name === 'JWT_SECRET' ? '' : undefined)),
    UsageError,
    'an empty secret is rejected',
  )
  for (const flag of [
    'jwt-secret',
    'jwks',
    'jwt-audience',
    'jwt-issuer',
    'origin',
    'turn-url',
    'turn-secret',
    'turn-ttl',
  ])
    t.match(HELP, `--${flag} `)
})

t.test('ICE servers are read from a file', async (t) => {
  const servers = [{ urls: ['turn:a', 'turns:b'], username: 'u', credential: 'c' }, { urls: 'stun:s' }]
  t.same(readIceServers(JSON.stringify(servers), 'f'), servers)
  t.same(readIceServers(JSON.stringify({ iceServers: servers }), 'f'), servers)
  for (const text of ['', '{}', '5', 'null', '[{}]', '[{"urls":[]}]', '[{"urls":"https://x"}]', '[{"urls":5}]']) {
    t.throws(
      () => readIceServers(text, 'f'),
      { name: 'UsageError', message: /^Cannot read ICE servers from f: / },
      text,
    )
  }
})

t.test('the start line names what is missing for other machines', async (t) => {
  const url = 'http://localhost:8080/'
  t.match(
    startLine(url, {}),
    /^datastreams-webrtc listening on http:\S+\/ \(open to everybody .*; without STUN and TURN/,
  )
  const turn = { urls: ['turn:t'], secret: 's' }
  t.match(startLine(url, { tokens: { secret: 'short' }, turn }), /\(the secret for tokens has less than 32 bytes/)
  t.equal(startLine(url, { tokens: { secret: 'x'.repeat(32) }, turn }), `datastreams-webrtc listening on ${url}`)
  t.match(startLine(url, { tokens: { jwks: 'k' }, iceServers: [{ urls: 'stun:s' }] }), /\(without TURN, /)
  t.notMatch(startLine(url, { tokens: { jwks: 'k' }, iceServersFile: 'f' }), /TURN/)
})
