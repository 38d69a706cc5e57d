/** Tests that the files in deploy/ fit the program: flags, paths and proxy headers. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import t from 'tap'
import { readCommandLine } from '../src/server/program/command-line.ts'
import { BinaryClient } from './fixture/client.ts'
import { commands, root, run, startServer } from './fixture/server.ts'
import { until } from './fixture/until.ts'

const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8')
const flagsOf = (words: string[]) => readCommandLine(words.slice(words.indexOf('mod.ts') + 1), () => undefined)

t.test('the Dockerfile has valid flags, existing files and the tested Bun', async (t) => {
  const file = read('Dockerfile')
  const [, json] = file.match(/^ENTRYPOINT (\[.*\])$/m) as RegExpMatchArray
  const command = flagsOf(JSON.parse(json as string))
  t.match(command, { do: 'serve', options: { host: '0.0.0.0', port: 8080, metricsPort: 9090 } })
  t.match(file, /^USER (?!root|0)\w+$/m)
  t.match(file, /^HEALTHCHECK .*localhost:9090\/readyz/m)
  t.match(file, /^RUN bun install .*--frozen-lockfile .*--ignore-scripts$/m)
  const { devDependencies } = JSON.parse(read('package.json'))
  for (const [, version] of file.matchAll(/oven\/bun:([\d.]+)/g))
    t.equal(version, devDependencies.bun, 'the Bun version of the tests')
  const sent = read('.dockerignore').split('\n')
  for (const [, paths] of file.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const path of (paths as string).split(' ')) {
      t.ok(existsSync(`${root}${path}`), path)
      t.ok(sent.includes(`!${path}`), `${path} reaches the build`)
    }
  }
})

t.test(
  "the Dockerfile's program runs, warns that it is open, and passes its health check until it stops",
  async (t) => {
    const file = read('Dockerfile')
    const [bun] = commands.bun as [string]
    const [, json] = file.match(/^ENTRYPOINT (\[.*\])$/m) as RegExpMatchArray
    const [, script] = file.match(/^HEALTHCHECK .* CMD bun -e "(.*)"$/m) as RegExpMatchArray
    const [, ...words] = JSON.parse(json as string) as string[]
    const server = await startServer([bun, ...words], ['--port', '0', '--metrics-port', '0'])
    // The output and the log arrive over two pipes, in any order.
    await until(() => server.output.stderr.split('\n').length > 2)
    const lines = server.output.stderr.trim().split('\n')
    t.match(
      lines.map((line) => JSON.parse(line)),
      [{ event: 'listening' }, { level: 'warn', event: 'open', host: '0.0.0.0', why: /--jwt-secret/ }],
    )
    const { port } = new URL(JSON.parse(lines[0] as string).metrics)
    const check = [bun, '-e', (script as string).replace('9090', port)]
    t.equal((await run(check)).code, 0)
    await server.stop()
    t.equal((await run(check)).code, 1)
  },
)

t.test('the systemd unit has valid flags and leaves time to drain', async (t) => {
  const unit = read('deploy/datastreams-webrtc.service')
  const [, line] = unit.match(/^ExecStart=(.*)$/m) as RegExpMatchArray
  const command = flagsOf((line as string).split(' '))
  t.match(command, { do: 'serve', options: { drain: 10_000, trustProxy: ['127.0.0.1', '::1'] } })
  const { drain = 0 } = (command as { options: { drain?: number } }).options
  t.ok(Number(unit.match(/^TimeoutStopSec=(\d+)$/m)?.[1]) * 1_000 > drain, 'systemd waits longer than the drain takes')
})

t.test('proxy headers carry the address of each client, and the host', { timeout: 580_000 }, async (t) => {
  t.match(read('deploy/Caddyfile'), /reverse_proxy localhost:8080/)
  const headers = Array.from(
    read('deploy/nginx.conf').matchAll(/proxy_set_header (\S+) (\S+);/g),
    ([, name, value]) => [name as string, value as string],
  )
  const unit = read('deploy/datastreams-webrtc.service').match(/--(public-url|trust-proxy) \S+/g) as string[]
  const trusted = unit.flatMap((flag) => flag.split(' '))
  const flags = ['--max-connections-per-address', '1', '--log-level', 'debug', ...trusted]
  const server = await startServer(commands.node, ['--port', '0', ...flags])
  const proxy = await startProxy(new URL(server.url), headers)

  const origin = 'https://streams.example.org'
  const first = await BinaryClient.open(`${proxy.url}signal`, { 'x-test-address': '203.0.113.7', origin })
  const spoof = { 'x-test-address': '203.0.113.8', 'x-forwarded-for': '203.0.113.7' }
  const second = await BinaryClient.open(`${proxy.url}signal`, spoof)
  const refused = BinaryClient.open(`${proxy.url}signal`, { 'x-test-address': '203.0.113.7' })
  await t.rejects(refused, /1013|CLOSED|no such message/i, 'one connection from each address')
  await Promise.all([first.close(), second.close()])
  proxy.stop()
  const { stderr } = await server.stop()
  for (const address of ['203.0.113.7', '203.0.113.8']) t.match(stderr, `address=${address}\n`)
  t.notMatch(stderr, / (host|origin) refused /, "the proxy's host and the page's origin are the server's own")
})

/** Starts a proxy that handles upgrades as nginx does with these lines. `x-test-address` is the client's address. */
async function startProxy(target: URL, lines: string[][]): Promise<{ url: string; stop(): void }> {
  const sockets = new Set<Duplex>()
  const proxy = createServer()
  proxy.on('upgrade', (incoming: IncomingMessage, client: Duplex) => {
    const { 'x-test-address': address, 'x-forwarded-for': before, ...headers } = incoming.headers
    const variables: Record<string, string> = {
      $host: 'streams.example.org',
      $http_upgrade: String(headers.upgrade),
      $connection_upgrade: 'upgrade',
      $proxy_add_x_forwarded_for: before === undefined ? String(address) : `${before}, ${address}`,
    }
    for (const [name, value] of lines) headers[(name as string).toLowerCase()] = variables[value as string] ?? value
    const outgoing = request({ host: target.hostname, port: target.port, path: incoming.url, headers })
    outgoing.on('upgrade', ({ rawHeaders }, upstream, head) => {
      const pairs = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []))
      client.write(`HTTP/1.1 101 Switching Protocols\r\n${pairs.join('\r\n')}\r\n\r\n`)
      client.write(head)
      upstream.pipe(client).pipe(upstream)
      for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}))
    })
    outgoing.end()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return {
    url: `ws://127.0.0.1:${(proxy.address() as AddressInfo).port}/`,
    stop() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
    },
  }
}
