import { readdirSync, readFileSync } from 'node:fs'
import { dirname, posix, relative } from 'node:path'
import t from 'tap'
import { root } from './fixture/server.ts'

const sources = ['mod.ts', ...['src', 'plugins', 'bench', 'test', 'examples', 'docs'].flatMap(filesUnder)]
  .filter((path) => /\.c?ts$/.test(path))
  .map((path) => ({ path, text: readFileSync(`${root}${path}`, 'utf8') }))

/** Which rooms of the house each may import from, beside itself. */
const arrows: Record<string, string[]> = {
  'src/protocol': [],
  'src/core': ['src/protocol'],
  'src/server': ['src/core', 'src/protocol', 'package.json'],
  'src/streams': [],
  'src/peer': ['src/protocol', 'src/streams'],
  'src/commands': ['src/server', 'src/peer', 'src/streams', 'package.json'],
  'src/studio': ['src/peer', 'src/streams'],
  plugins: ['mod.ts', 'src/peer/mod.ts', 'src/streams/mod.ts', 'src/server/mod.ts'],
}

t.test('arrows point one way', async (t) => {
  for (const { path, text } of sources) {
    const room = Object.keys(arrows).find((name) => path.startsWith(`${name}/`))
    if (room === undefined) continue
    for (const [, specifier] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      const target = posix.join(dirname(path), specifier as string)
      const allowed = [room, ...(arrows[room] as string[])]
      if (!allowed.some((name) => target === name || target.startsWith(`${name}/`))) t.fail(`${path} imports ${target}`)
    }
  }
})

t.test('runtime names are in the runtime files alone', async (t) => {
  for (const { path, text } of sources) {
    if (!path.startsWith('src/') || path.startsWith('src/server/runtime/')) continue
    const code = text
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/\/\/.*$/gm, '')
      .replace(/`[^`]*`|'[^'\n]*'/g, (quoted) => (quoted.includes('node:') ? quoted : ''))
    t.notMatch(code, /\b(?:Bun|Deno|process)\b|node:/, path)
  }
})

t.test('files are small', async (t) => {
  const lines = sources
    .filter(({ path }) => !path.startsWith('test/'))
    .map(({ path, text }) => ({ path, count: text.split('\n').length - 1 }))
    .sort((one, other) => one.count - other.count)
  for (const { path, count } of lines) if (count > 300) t.fail(`${path} has ${count} lines`)
  const median = lines[lines.length >> 1]?.count ?? 0
  t.ok(median <= 120, `the median is ${median}`)
})

function filesUnder(folder: string): string[] {
  return readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, `${entry.parentPath}/${entry.name}`))
}
