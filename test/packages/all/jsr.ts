import { cpSync, existsSync, rmSync, symlinkSync } from 'node:fs'
import t from 'tap'
import { commands, root, startServer } from '../../fixture/server.ts'
import { appEnvironment, execute } from '../fixture/execute.ts'
import { newFolder } from '../fixture/folder.ts'
import { startJsrRegistry } from '../fixture/jsr-registry.ts'
import { startRegistry } from '../fixture/registry.ts'

t.setTimeout(600_000)
const deno = commands.deno[0] as string
// The package contains the page that the build makes. Whoever has packed a tarball has built it.
if (process.env.TARBALL === undefined) await execute([process.execPath, 'build/build.ts'], root)
if (!existsSync(`${root}dist/page.js`)) throw new Error('The built page is missing: run npm run build')
const jsr = await startJsrRegistry(t, newFolder(t))
await execute([deno, 'publish', '--allow-dirty', '--token', 'any'], root, { JSR_URL: jsr })

const npm = await startRegistry(t, new Uint8Array(), ['@types/ws', '@types/node', 'undici-types'])
/** Everything comes from this machine, and nothing from an earlier run. */
const settings = { JSR_URL: jsr, NPM_CONFIG_REGISTRY: npm, DENO_DIR: newFolder(t), NO_COLOR: '1' }

/**
 * An app with a server and two peers. It has no configuration, so no unstable feature is on. Its folder has no
 * package.json: Deno would look for packages in node_modules there.
 */
const APP = `import { serve } from 'jsr:@datastreams/webrtc@0.1'
import { connect, type Membership, StreamError } from 'jsr:@datastreams/webrtc@0.1/peer'
import { mount } from 'jsr:@datastreams/webrtc@0.1/plugins/hono'
import { createApp } from 'jsr:@datastreams/webrtc@0.1/server'
import { parseRecording } from 'jsr:@datastreams/webrtc@0.1/streams'
import { Hono } from 'npm:hono@4'
import wrtc from 'npm:@roamhq/wrtc@0.10'

const server = await serve({ port: 0, host: '127.0.0.1' })
const page = await (await fetch(server.url)).text()
const statuses: number[] = []
for (const [, path] of page.matchAll(/(?:href|src)="((?:modules|libraries)[^"]+)"/g)) {
  const answer = await fetch(server.url + path)
  await answer.body?.cancel()
  statuses.push(answer.status)
}
async function join(name: string): Promise<Membership> {
  const session = await connect(new URL('signal', server.url), { info: { name }, wrtc })
  return await session.join('lab', { create: true, history: 10 })
}
const [ada, bob] = [await join('Ada'), await join('Bob')]
const received = new Promise<unknown[]>((resolve) => {
  bob.addEventListener('peer', ({ detail: peer }) => {
    peer.addEventListener('stream', async ({ detail: stream }) => {
      for await (const chunk of stream) resolve([...chunk.data])
    })
  })
})
ada.publish({ name: 'Pulse', format: 'int32', channels: [{ label: 'Pulse' }] }).push([1_000])
const host = mount(new Hono(), '/streams')
host.close()
console.log(JSON.stringify({
  statuses,
  received: await received,
  names: [typeof createApp, StreamError.name, parseRecording('time,left\\n0,1').labels.length],
}))
Deno.exit(0)
`

t.test('an app on Deno imports the package from JSR: its types, a server with its page, and two peers', async (t) => {
  const folder = newFolder(t, { 'app.ts': APP })
  await execute([deno, 'check', 'app.ts'], folder, settings)
  const printed = await execute([deno, 'run', '-A', 'app.ts', '--port'], folder, settings)
  const { statuses, received, names } = JSON.parse(printed.trim().split('\n').at(-1) as string)
  t.ok(statuses.length > 3, `the page loads ${statuses.length} files`)
  t.ok(
    statuses.every((status: number) => status === 200),
    statuses.join(),
  )
  t.strictSame(received, [1_000])
  t.strictSame(names, ['function', 'StreamError', 1])
})

t.test('the help says how to start the program from JSR', async (t) => {
  const bin = [deno, 'run', '-A', 'jsr:@datastreams/webrtc@0.1/bin']
  for (const command of [[], ['record']]) {
    const help = await execute([...bin, ...command, '--help'], newFolder(t), settings)
    t.match(help, /deno run .*jsr:@datastreams\/webrtc\/bin/)
    t.notMatch(help, /mod\.ts|npm:datastreams-webrtc/)
  }
})

t.test('a program that only serves needs no permission for its page', async (t) => {
  const command = [deno, 'run', '--no-prompt', '--allow-net', 'jsr:@datastreams/webrtc@0.1/bin']
  const place = { cwd: newFolder(t), group: true }
  const server = await startServer(
    command,
    ['--port', '0', '--host', '127.0.0.1'],
    appEnvironment(settings),
    null,
    place,
  )
  t.teardown(() => server.stop())
  const page = await fetch(server.url)
  t.equal(page.status, 200, await page.text())
  t.notMatch(server.output.stderr, /permission|NotCapable/i)
})

t.test('without the sources of the page, the server on Node and Bun shows the built page', async (t) => {
  // npm can install the package from JSR too, with JavaScript that JSR makes of the modules.
  const folder = newFolder(t)
  for (const path of ['package.json', 'src', 'dist/page.js'])
    cpSync(root + path, `${folder}/${path}`, { recursive: true })
  rmSync(`${folder}/src/studio`, { recursive: true })
  symlinkSync(`${root}node_modules`, `${folder}/node_modules`)
  for (const command of [[process.execPath], [commands.bun[0] as string]]) {
    const args = ['src/commands/bin.ts', '--port', '0', '--host', '127.0.0.1']
    const server = await startServer(command, args, appEnvironment(), null, { cwd: folder })
    t.teardown(() => server.stop())
    for (const path of ['', 'modules/studio/main.ts', 'libraries/uplot.css']) {
      t.equal((await fetch(server.url + path)).status, 200, `${command[0]} ${path}`)
    }
  }
})
