import { readdirSync } from 'node:fs'
import t from 'tap'
import { root, run } from '../fixture/server.ts'

const plugins = readdirSync(`${root}plugins`).filter((name) => name.endsWith('.ts'))
const hostOf = (name: string): string => name.replace(/(-\w+)?(\.ts|\/.*)$/, '')

/** Returns what a program loads that imports only this plugin: paths of this project, or package names. */
async function loadedBy(plugin: string): Promise<string[]> {
  const program = `
    import { registerHooks } from 'node:module'
    const seen = new Set()
    registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context)
        seen.add(found.url)
        return found
      },
    })
    await import(${JSON.stringify(`${root}plugins/${plugin}`)})
    console.log(JSON.stringify([...seen]))`
  const { code, stdout, stderr } = await run([process.execPath, '--input-type=module', '--eval', program])
  if (code !== 0) throw new Error(stderr)
  return (JSON.parse(stdout.trim().split('\n').at(-1) as string) as string[]).map((url) => {
    const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? []
    return name ?? url.replace(`file://${root}`, '')
  })
}

t.ok(plugins.length > 5)
for (const plugin of plugins) {
  t.test(`${plugin} loads nothing of another host and nothing of the other end`, async (t) => {
    const loaded = await loadedBy(plugin)
    t.ok(loaded.includes(`plugins/${plugin}`))
    const others = loaded.filter(
      (path) => /^plugins\/(?!shared\/)/.test(path) && hostOf(path.slice(8)) !== hostOf(plugin),
    )
    t.same(others, [])
    if (loaded.includes('src/mod.ts')) {
      // A plugin for the server loads nothing of the companion. The app brings the host itself.
      const wrong = /^(simple-peer|graphscript)$|^src\/(peer|studio)\//
      t.same(
        loaded.filter((path) => wrong.test(path)),
        [],
      )
    } else {
      const right = /^(plugins|src\/(peer|protocol|streams|guards|msgpack|unicode))\/|^simple-peer$/
      t.same(
        loaded.filter((path) => !right.test(path)),
        [],
      )
    }
  })
}

t.test('graphscript.ts loads only itself, because it needs only types of others', async (t) => {
  t.same(await loadedBy('graphscript.ts'), ['plugins/graphscript.ts'])
})
