import t from 'tap'
import { defaultLimits, serverLimits } from '../../../src/core/mod.ts'
import { HELP, readCommandLine, UsageError } from '../../../src/server/program/command-line.ts'

const read = (...args: string[]) => {
  const command = readCommandLine(args, () => undefined)
  return command.do === 'serve' ? command.options : undefined
}

t.test('every limit has a flag, and the help has its default', async (t) => {
  const flags = Array.from(HELP.matchAll(/--(max-[a-z-]+) NUMBER\n[^(]*\(default (\d+)/g), ([, flag, value]) => ({
    flag: flag as string,
    value: Number(value),
  }))
  const set = new Set<string>()
  const defaults: Record<string, number> = { ...defaultLimits, ...serverLimits }
  for (const { flag, value } of flags) {
    const { limits = {}, connectionsPerAddress, requestsPerAddress } = read(`--${flag}`, '77') ?? {}
    const [name] = Object.keys(limits)
    if (name === undefined) t.equal(connectionsPerAddress ?? requestsPerAddress, 77, flag)
    else {
      t.strictSame(limits, { [name]: 77 }, flag)
      t.equal(defaults[name], value, `the default of ${flag}`)
      set.add(name)
    }
  }
  // The limits of a listing have no flag, because they protect the server itself. The time for a hello is in seconds.
  // The default of `bufferedBytes` depends on the memory.
  const others = ['listedRooms', 'listedLength', 'helloTime', 'bufferedBytes']
  t.strictSame([...set, ...others].sort(), Object.keys(defaults).sort())
  t.strictSame(read('--hello-time', '3'), { limits: { helloTime: 3_000 } })
  t.strictSame(read('--max-buffered-bytes', '8000000000'), { limits: { bufferedBytes: 8_000_000_000 } })
})

t.test('flags for operation become options', async (t) => {
  t.strictSame(read('--drain', '10s'), { drain: 10_000 })
  t.strictSame(read('--drain', '0.5'), { drain: 500 })
  t.strictSame(read('--heartbeat', '5'), { heartbeat: 5_000 })
  t.strictSame(read('--cert', 'a', '--key', 'b'), { tlsFiles: { cert: 'a', key: 'b' } })
  t.strictSame(read('--metrics-port', '0'), { metricsPort: 0 })
  t.strictSame(read('--trust-proxy', '::1', '--trust-proxy', '10.0.0.0/8'), { trustProxy: ['::1', '10.0.0.0/8'] })
  t.equal(read('--log', 'json')?.log?.has('info'), true)
  t.equal(read('--log', 'json')?.log?.has('debug'), false)
  t.equal(read('--log', 'text', '--log-level', 'warn')?.log?.has('info'), false)
  t.equal(read('--log-level', 'debug')?.log?.has('debug'), true)
  t.equal(read()?.log, undefined)
})

t.test('invalid flags throw a UsageError', async (t) => {
  for (const args of [
    ['--cert', 'a'],
    ['--key', 'b'],
    ['--log', 'xml'],
    ['--log-level', 'loud'],
    ['--metrics-port', '65536'],
    ['--drain', '10m'],
    ['--drain', 's'],
    ['--heartbeat', '0.5'],
    ['--trust-proxy', 'proxy.example'],
    ['--max-rooms', '0'],
    ['--max-rooms', '1.5'],
    ['--max-rooms', '-1'],
    ['--max-rooms', 'many'],
    ['--max-info-bytes', '4097'],
    ['--max-name-length', '129'],
    ['--max-frame-bytes', '16777217'],
  ]) {
    t.throws(() => read(...args), UsageError, args.join(' '))
  }
})
