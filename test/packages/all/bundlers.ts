import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { startServer } from '../../fixture/server.ts'
import { browserFor } from '../../fixture/server-and-browser.ts'
import { until } from '../../fixture/until.ts'
import { javaScriptApp, nextApp, typeScriptApp } from '../fixture/app.ts'
import { exchange, serveFolder } from '../fixture/exchange.ts'
import { appEnvironment, execute, root } from '../fixture/execute.ts'
import { appFolder } from '../fixture/folder.ts'
import { packed } from '../fixture/packed.ts'
import { startRegistry } from '../fixture/registry.ts'
import { load, pathOf, tools } from '../fixture/tools.ts'

t.setTimeout(900_000)
const registry = await startRegistry(t, await packed())
const serverFolder = await appFolder(t, registry)
const server = await startServer([process.execPath, `${serverFolder}/node_modules/.bin/datastreams-webrtc`])
t.teardown(() => server.stop())
const browser = await browserFor(t)

const exchangeFrom = async (t: Test, folder: string) => exchange(t, browser, await serveFolder(t, folder), server)

/** Checks what a page loads of an app, compressed with gzip at its best: the companion, one error of another entry, the app. */
function loadsLittle(t: Pick<Test, 'ok'>, folder: string): void {
  const modules = readdirSync(folder).filter((name) => name.endsWith('.js'))
  const sizes = modules.map((name) => gzipSync(readFileSync(`${folder}/${name}`), { level: 9 }).length)
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  t.ok(bytes > 30_000 && bytes <= 46_500, `${bytes} bytes`)
}

t.test('esbuild', async (t) => {
  const folder = await appFolder(t, registry, javaScriptApp('bundle.js'))
  const command = [`${root}node_modules/.bin/esbuild`, 'main.js', '--bundle', '--format=esm', '--minify']
  await execute([...command, '--outfile=built/bundle.js'], folder)
  loadsLittle(t, `${folder}/built`)
  await execute([...command, '--outfile=bundle.js'], folder)
  await exchangeFrom(t, folder)
})

/** The used part of Rollup and of its plugin, which every app with packages needs. */
interface Rollup {
  rollup(options: object): Promise<{ write(options: object): Promise<unknown> }>
}

t.test('Rollup', async (t) => {
  const folder = await appFolder(t, registry, javaScriptApp('bundle.js'))
  const { rollup } = await load<Rollup>('rollup')
  const { nodeResolve } = await load<{ nodeResolve(options: object): unknown }>('@rollup/plugin-node-resolve')
  const warnings: string[] = []
  const bundle = await rollup({
    input: `${folder}/main.js`,
    plugins: [nodeResolve({ browser: true })],
    onwarn: ({ message }: { message: string }) => warnings.push(message),
  })
  await bundle.write({ file: `${folder}/bundle.js`, format: 'es' })
  t.strictSame(warnings, [])
  await exchangeFrom(t, folder)
})

/** The used part of Vite. */
interface Vite {
  build(options: object): Promise<unknown>
  createServer(options: object): Promise<{
    listen(): Promise<unknown>
    close(): Promise<void>
    resolvedUrls: { local: string[] }
  }>
}

t.test('Vite, built', async (t) => {
  const folder = await appFolder(t, registry, typeScriptApp('main.ts'))
  const { build } = await load<Vite>('vite')
  await build({ root: folder, configFile: false, logLevel: 'error' })
  loadsLittle(t, `${folder}/dist/assets`)
  await exchangeFrom(t, `${folder}/dist`)
})

t.test('Vite, in development', async (t) => {
  const folder = await appFolder(t, registry, typeScriptApp('main.ts'))
  const { createServer } = await load<Vite>('vite')
  const vite = await createServer({
    root: folder,
    configFile: false,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0 },
  })
  t.teardown(() => vite.close())
  await vite.listen()
  await exchange(t, browser, vite.resolvedUrls.local[0] as string, server)
})

/** The used part of webpack. */
interface Webpack {
  default(
    options: object,
    done: (error: Error | null, stats: { toJson(): { errors: object[]; warnings: object[] } }) => void,
  ): void
}

/** Bundles an app, without warnings. */
async function runWebpack(t: Test, folder: string, options: object): Promise<void> {
  const { default: webpack } = await load<Webpack>('webpack')
  const { errors, warnings } = await new Promise<{ errors: object[]; warnings: object[] }>((resolve, reject) => {
    const settings = { mode: 'production', context: folder, output: { path: folder, filename: 'bundle.js' } }
    webpack({ ...settings, ...options }, (error, stats) => (error ? reject(error) : resolve(stats.toJson())))
  })
  t.strictSame([...errors, ...warnings], [])
}

t.test('webpack', async (t) => {
  const folder = await appFolder(t, registry, javaScriptApp('bundle.js'))
  await runWebpack(t, folder, { entry: './main.js', devtool: 'source-map', performance: { hints: false } })
  await exchangeFrom(t, folder)
})

t.test('webpack with ts-loader', async (t) => {
  const folder = await appFolder(t, registry, typeScriptApp('bundle.js'))
  const options = { compiler: pathOf('typescript') }
  await runWebpack(t, folder, {
    entry: './main.ts',
    module: { rules: [{ test: /\.ts$/, loader: pathOf('ts-loader'), options }] },
    resolve: { extensions: ['.ts', '.js'] },
    performance: { hints: false },
  })
  await exchangeFrom(t, folder)
})

t.test('Next', async (t) => {
  // Next and React are packages of the app, so it is below the folder that has them.
  mkdirSync(`${tools}apps`, { recursive: true })
  const folder = await appFolder(
    t,
    registry,
    { ...nextApp, 'next.config.js': `export default { turbopack: { root: ${JSON.stringify(tools)} } }\n` },
    `${tools}apps`,
  )
  const next = [process.execPath, `${tools}node_modules/next/dist/bin/next`] as const
  await execute([...next, 'build'], folder, { NEXT_TELEMETRY_DISABLED: '1' })
  const child = spawn(next[0], [next[1], 'start', '--port', '0', '--hostname', '127.0.0.1'], {
    cwd: folder,
    env: appEnvironment({ NEXT_TELEMETRY_DISABLED: '1' }),
  })
  const closed = once(child, 'close')
  t.teardown(async () => {
    child.kill()
    await closed
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += data))
  const url = await until(
    () => /Local:\s+(http\S+)/.exec(printed)?.[1],
    () => printed,
  )
  await exchange(t, browser, `${url}/`, server)
})
