import { posix } from 'node:path'
import t from 'tap'
import { commands, root, startServer } from '../fixture/server.ts'
import { browserFor } from '../fixture/server-and-browser.ts'
import { javaScriptApp } from './fixture/app.ts'
import { exchange, serveFolder } from './fixture/exchange.ts'
import { execute } from './fixture/execute.ts'
import { addFiles, appFolder, newFolder, npmSettings } from './fixture/folder.ts'
import { packed } from './fixture/packed.ts'
import { startRegistry } from './fixture/registry.ts'
import { filesOf } from './fixture/tar.ts'
import { compile, everyEntry, README } from './fixture/types.ts'

t.setTimeout(600_000)
// `npm run test:packages` tests the same with every bundler, runtime and compiler.
const tarball = await packed()
const files = filesOf(tarball)
const registry = await startRegistry(t, tarball)
const folder = await appFolder(t, registry, javaScriptApp('bundle.js'))
const bin = `${folder}/node_modules/.bin/datastreams-webrtc`
const bun = commands.bun[0] as string
const esbuild = `${root}node_modules/.bin/esbuild`

t.test('the package has modules, their types, and the sources that their maps name', async (t) => {
  const others = [...files.keys()].filter(
    (path) => !/^(dist\/.*\.(js|d\.ts)(\.map)?|(src|plugins)\/.*\.c?ts)$/.test(path),
  )
  t.strictSame(others.sort(), ['LICENSE', 'README.md', 'dist/THIRD-PARTY.txt', 'package.json'])
  for (const [path, text] of files) {
    if (!path.endsWith('.map')) continue
    const { sources, sourcesContent } = JSON.parse(text) as { sources: string[]; sourcesContent?: (string | null)[] }
    for (const [i, source] of sources.entries()) {
      const target = posix.join(posix.dirname(path), source)
      if (!files.has(target) && sourcesContent?.[i] == null) t.fail(`${path} needs ${target}`)
    }
  }
})

t.test('each entry exports the same names as its source, prints nothing, and reads no option', async (t) => {
  const program = `const names = {}
for (const entry of ${JSON.stringify(Object.keys(everyEntry))}) names[entry] = Object.keys(await import(entry)).sort()
console.log(JSON.stringify(names))`
  addFiles(folder, { 'names.js': program })
  const printed = JSON.parse(await execute([process.execPath, 'names.js', '--help', '--port'], folder))
  for (const [entry, source] of Object.entries(everyEntry)) {
    t.strictSame(printed[entry], Object.keys(await import(`${root}${source}`)).sort(), entry)
  }
})

t.test('npx starts the program, whose help says how to start it', async (t) => {
  const help = await execute(['npx', 'datastreams-webrtc', '--help'], folder)
  t.match(help, 'Usage: datastreams-webrtc [serve] [options]')
  t.match(
    help,
    'Run it with bunx --bun datastreams-webrtc, deno run --allow-net --allow-env npm:datastreams-webrtc, or npx',
  )
  t.notMatch(help, 'mod.ts')
  const { version } = JSON.parse(files.get('package.json') as string)
  t.equal((await execute([bin, '--version'], folder)).trim(), version)
  t.notMatch(await execute([bin, 'record', '--help'], folder), 'mod.ts')
})

t.test('the dry run of a publication succeeds, also if the registry has the version', async (t) => {
  const { name, version, scripts } = JSON.parse(files.get('package.json') as string)
  const [command] = scripts['publish:dry'].split(' && ')
  const dryRun = [...command.split(' '), '--ignore-scripts']
  const settings = npmSettings(registry, newFolder(t))
  t.match(await execute(dryRun, `${folder}/node_modules/${name}`, settings), `+ ${name}@${version}`)
})

t.test('README compiles in an app without settings and without types of Node', async (t) => {
  addFiles(folder, { 'readme.ts': README })
  t.equal(await compile(`${root}node_modules/typescript`, folder, 'nodenext', ['readme.ts']), '')
})

t.test("a program compiled by Bun reads its own options, and has the server's page", async (t) => {
  addFiles(folder, { 'server.js': SERVER })
  await execute([bun, 'build', '--compile', 'server.js', '--outfile', 'server'], folder)
  const { args, statuses } = JSON.parse(await execute([`${folder}/server`, '--mine'], '/'))
  t.strictSame(args, ['--mine'])
  t.ok(statuses.length > 3)
  t.ok(
    statuses.every((status: number) => status === 200),
    statuses.join(),
  )
})

t.test('the bundle of an app that imports mod.ts of the repository does not start the program', async (t) => {
  addFiles(folder, { 'from-source.js': SERVER.replace("'datastreams-webrtc'", `'${root}mod.ts'`) })
  const options = ['--bundle', '--splitting', '--format=esm', '--platform=node', '--packages=external']
  await execute([esbuild, 'from-source.js', ...options, '--outdir=bundled'], folder)
  t.strictSame(JSON.parse(await execute([process.execPath, 'bundled/from-source.js', '--mine'], folder)).args, [
    '--mine',
  ])
})

t.test('two pages of an app that esbuild has bundled exchange samples over the packaged server', async (t) => {
  const server = await startServer([process.execPath, bin, '--host', '127.0.0.1'])
  t.teardown(() => server.stop())
  await execute([esbuild, 'main.js', '--bundle', '--format=esm', '--outfile=bundle.js'], folder)
  await exchange(t, await browserFor(t), await serveFolder(t, folder), server)
})

/** A host's program: it starts the server, and asks it for the page and everything that the page loads. */
const SERVER = `import { serve } from 'datastreams-webrtc'

const server = await serve({ port: 0, host: '127.0.0.1' })
const page = await (await fetch(server.url)).text()
const statuses = []
for (const [, path] of page.matchAll(/(?:href|src)="((?:modules|libraries)[^"]+)"/g)) {
  statuses.push((await fetch(server.url + path)).status)
}
console.log(JSON.stringify({ args: process.argv.slice(2), statuses }))
await server.close()
process.exit(0)
`
