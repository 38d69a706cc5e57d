import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { commands, root } from '../fixture/server.ts'
import { appEnvironment } from './fixture/execute.ts'
import { newFolder } from './fixture/folder.ts'

interface DenoConfig {
  exports: Record<string, string>
  publish: { include: string[] }
}

const config = JSON.parse(readFileSync(`${root}deno.json`, 'utf8')) as DenoConfig

t.test('JSR and npm have the same entries; JSR has the program too', async (t) => {
  const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { exports: object }
  const plugins = readdirSync(`${root}plugins`).filter((name) => name.endsWith('.ts'))
  const names = Object.keys(exports).flatMap((name) =>
    name === './plugins/*' ? plugins.map((file) => `./plugins/${file.slice(0, -3)}`) : [name],
  )
  const expected = [...names.filter((name) => name !== './package.json'), './bin']
  t.strictSame(Object.keys(config.exports).sort(), expected.sort())
})

// `npm run test:packages` publishes to a registry on this machine, and lets programs import from there.
t.test(
  'the package can be published to JSR: no slow types, no excluded modules, and nothing that it does not need',
  async (t) => {
    // Another test may build the package at the same time, so publish a copy of what is not built.
    const folder = newFolder(t)
    for (const path of [...config.publish.include, 'tsconfig.json']) {
      if (path !== 'dist/page.js') cpSync(root + path, `${folder}/${path}`, { recursive: true })
    }
    const output = dryRun(folder)
    t.notMatch(output, /^error/m)
    const warnings = [...output.matchAll(/^warning\[(.+?)\].*\n +--> (.+?):/gm)].map(([, what, path]) => [what, path])
    t.strictSame(warnings, [['unanalyzable-dynamic-import', `${folder}/src/server/runtime/files-deno.ts`]])
    const files = [...output.matchAll(/^ +file:\/\/(\S+) \(/gm)].map(([, path]) =>
      (path as string).slice(folder.length + 1),
    )
    for (const path of Object.values(config.exports)) t.ok(files.includes(path.slice(2)), path)
    const others = files.filter((path) => !/^(src\/(?!studio\/)|plugins\/).*\.ts$/.test(path))
    t.strictSame(others, [
      'CHANGELOG.md',
      'LICENSE',
      'PROTOCOL.md',
      'README.md',
      'SECURITY.md',
      'deno.json',
      'package.json',
    ])
  },
)

/** Returns what Deno prints. */
function dryRun(folder: string): string {
  const args = ['publish', '--dry-run', '--allow-dirty']
  const command = [commands.deno[0], ...args].join(' ')
  return execFileSync('sh', ['-c', `${command} 2>&1`], {
    cwd: folder,
    encoding: 'utf8',
    env: appEnvironment({ NO_COLOR: '1' }),
  })
}
