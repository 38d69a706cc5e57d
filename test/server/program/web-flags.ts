import t from 'tap'
import { HELP, readCommandLine, UsageError } from '../../../src/server/program/command-line.ts'
import { startLine } from '../../../src/server/program/start-line.ts'

const options = (...args: string[]) => {
  const command = readCommandLine(args, () => undefined)
  return command.do === 'serve' ? command.options : undefined
}

t.test('flags for origins and public URLs become options', async (t) => {
  t.strictSame(options('--origin', 'https://A.example.org:443,capacitor://localhost', '--origin', 'http://[::1]:3'), {
    origins: ['https://a.example.org', 'capacitor://localhost', 'http://[::1]:3'],
  })
  t.strictSame(options('--origin', 'https://a.example.org, *'), { origins: ['https://a.example.org', '*'] })
  t.strictSame(options('--public-url', 'https://a.example.org/lab', '--public-url', 'http://b:8080'), {
    publicUrls: ['https://a.example.org', 'http://b:8080'],
  })
  for (const flag of ['origin', 'public-url']) t.match(HELP, `--${flag} URL`)
})

t.test('invalid flags throw a UsageError that says the form', async (t) => {
  for (const [flag, text] of [
    ['--origin', ''],
    ['--origin', 'https://a.example.org,'],
    ['--origin', 'null'],
    ['--origin', 'https://*.example.org'],
    ['--public-url', 'a.example.org'],
    ['--public-url', '*'],
    ['--public-url', 'wss://a.example.org'],
  ] as const) {
    t.throws(() => options(flag, text), UsageError, `${flag} ${text}`)
    t.throws(() => options(flag, text), { message: `${flag} must be like https://` })
  }
})

t.test('the start line says that a server of every interface has no name', async (t) => {
  const tokens = { secret: 'x'.repeat(32) }
  const line = (host: string, publicUrls?: string[]) =>
    startLine('http://localhost:8080/', { tokens, iceServersFile: 'f', host, publicUrls })
  for (const host of ['0.0.0.0', '::']) t.match(line(host), /\(reachable by IP address .* no other name \(--public-url/)
  t.notMatch(line('0.0.0.0', ['https://a.example.org']), 'public-url')
  t.notMatch(line('192.0.2.7'), 'public-url')
})
