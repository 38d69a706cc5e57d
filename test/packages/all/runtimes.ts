import t, { type Test } from 'tap'
import { commands, type RuntimeName, startServer } from '../../fixture/server.ts'
import { browserFor } from '../../fixture/server-and-browser.ts'
import { join, numberOf, reaches } from '../../studio/fixture/people.ts'
import { appEnvironment, execute } from '../fixture/execute.ts'
import { appFolder, MANIFEST, newFolder, npmSettings } from '../fixture/folder.ts'
import { packed } from '../fixture/packed.ts'
import { startRegistry } from '../fixture/registry.ts'

t.setTimeout(600_000)
const registry = await startRegistry(t, await packed())
const settings = npmSettings(registry, newFolder(t))
const bun = commands.bun[0] as string
const deno = commands.deno[0] as string
const denoSettings = { ...settings, NPM_CONFIG_REGISTRY: registry, DENO_DIR: newFolder(t), NO_COLOR: '1' }

/** Two peers of one program exchange a chunk. The program has options of its own. */
const programOf = (from: string): string => `import { connect } from '${from}datastreams-webrtc/peer'
import { serve } from '${from}datastreams-webrtc'
import wrtc from '${from}@roamhq/wrtc'

const server = await serve({ port: 0, host: '127.0.0.1' })
const join = async (name) => {
  const session = await connect(new URL('signal', server.url), { info: { name }, wrtc })
  return session.join('lab', { create: true, history: 10 })
}
const [ada, bob] = [await join('Ada'), await join('Bob')]
const received = new Promise((resolve) => {
  bob.addEventListener('peer', ({ detail: peer }) => {
    peer.addEventListener('stream', async ({ detail: stream }) => {
      for await (const chunk of stream) resolve([...chunk.data])
    })
  })
})
ada.publish({ name: 'Pulse', format: 'int32' }).push([1_000])
console.log(JSON.stringify({ received: await received }))
process.exit(0)
`

const runs: Readonly<Record<RuntimeName, (t: Test) => Promise<string>>> = {
  async node(t) {
    const folder = await appFolder(t, registry, { 'peers.js': programOf('') })
    return execute([process.execPath, 'peers.js', '--port'], folder)
  },
  async bun(t) {
    const folder = newFolder(t, { ...MANIFEST, 'peers.js': programOf('') })
    await execute([bun, 'add', 'datastreams-webrtc'], folder, { ...settings, BUN_INSTALL_CACHE_DIR: newFolder(t) })
    return execute([bun, 'peers.js', '--port'], folder)
  },
  async deno(t) {
    const folder = newFolder(t, { 'peers.js': programOf('npm:') })
    return execute([deno, 'run', '-A', 'peers.js', '--port'], folder, denoSettings)
  },
}

for (const [runtime, run] of Object.entries(runs)) {
  t.test(`a program on ${runtime} installs the package, and has a server and two peers`, async (t) => {
    t.strictSame(JSON.parse((await run(t)).trim().split('\n').at(-1) as string), { received: [1_000] })
  })
}

const programs: Readonly<Record<string, { command: string[]; env: NodeJS.ProcessEnv }>> = {
  npx: { command: ['npx', '--yes', 'datastreams-webrtc'], env: settings },
  bunx: {
    command: [bun, 'x', '--bun', 'datastreams-webrtc'],
    env: { ...settings, BUN_INSTALL_CACHE_DIR: newFolder(t) },
  },
  'deno run': {
    command: [deno, 'run', '--no-prompt', '--allow-net', '--allow-env', 'npm:datastreams-webrtc'],
    env: denoSettings,
  },
}

const browser = await browserFor(t)
for (const [name, { command, env }] of Object.entries(programs)) {
  t.test(`${name} starts the server, whose page works`, async (t) => {
    const server = await startServer(command, ['--port', '0', '--host', '127.0.0.1'], appEnvironment(env), null, {
      cwd: newFolder(t),
      group: true,
    })
    t.teardown(() => server.stop())
    const ada = await join(t, browser, server.url, 'Ada', 'lab')
    const bob = await join(t, browser, server.url, 'Bob', 'lab')
    await ada.page.getByRole('button', { name: 'Start' }).click()
    await reaches(bob.cardOf('Ada'), 'samples', 1_000)
    t.equal(await numberOf(bob.cardOf('Ada'), 'channels'), 8)
    t.strictSame([...ada.complaints, ...bob.complaints], [])
  })
}
