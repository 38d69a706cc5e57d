/**
 * Writes the API reference to docs/api from the docstrings: npm run docs. A fault that the linter of docstrings finds is
 * an error.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/**
 * The public modules: their paths by their names in an import, such as `datastreams-webrtc/peer`. The entry `bin` is a
 * program, and exports nothing.
 */
export const entries: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(JSON.parse(readFileSync(`${root}deno.json`, 'utf8')).exports as Record<string, string>)
    .filter(([name]) => name !== './bin')
    .map(([name, path]) => [name.replace('.', 'datastreams-webrtc'), path]),
)

/** Types of other packages in our signatures. These packages document them. */
const FOREIGN: readonly string[] = ['Context', 'GenericSchema', 'Hono']

/**
 * Returns what the linter finds in the docstrings of public modules: names without one, and types in signatures that are
 * not public.
 *
 * @throws Error if the linter did not run
 */
export async function problemsIn(modules: readonly string[]): Promise<string[]> {
  const output = await runDeno(['doc', '--lint', ...modules])
  const found = [...output.matchAll(/^error\[.+\]: (.+)\n *--> (.+)$/gm)].map(([, what, where]) => `${what}: ${where}`)
  const count = Number(/^error: Found (\d+) documentation lint error/m.exec(output)?.[1] ?? 0)
  const isClean = /^(Checked \d+ files?)?$/.test(output.trim())
  if (count !== found.length || (count === 0 && !isClean)) throw new Error(`Cannot lint docstrings: ${output}`)
  return found.filter((problem) => !FOREIGN.some((type) => problem.includes(`private type '${type}'`)))
}

/**
 * Writes the reference as HTML. Removes the folder's old content.
 *
 * @throws Error if the linter finds anything
 */
export async function writeReference(folder: string): Promise<void> {
  const problems = await problemsIn(Object.values(entries))
  if (problems.length > 0) throw new Error(`Cannot write the API reference:\n${problems.join('\n')}`)
  const output = await runDeno([
    ...['doc', '--html', '--name=datastreams-webrtc', `--output=${folder}`],
    ...Object.values(entries),
  ])
  if (!/^Written \d+ files/m.test(output)) throw new Error(`Cannot write the API reference: ${output}`)
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.html')) continue
    const page = readFileSync(`${folder}/${path}`, 'utf8')
    // The tool names modules by their paths in the package, as in `from "peer"`.
    const changed = page.replace(/ from &quot;([\w./-]+)&quot;/g, (line, name: string) => {
      const entry = name === '.' ? 'datastreams-webrtc' : `datastreams-webrtc/${name}`
      return entry in entries ? ` from &quot;${entry}&quot;` : line
    })
    if (changed !== page) writeFileSync(`${folder}/${path}`, changed)
  }
}

/** Returns what Deno prints, whether it succeeds or not: its linter fails for types of other packages too. */
function runDeno(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    // Deno ignores NO_COLOR beside FORCE_COLOR, which test runners set.
    const { FORCE_COLOR: _, ...env } = process.env
    const options = { cwd: root, env: { ...env, NO_COLOR: '1' }, maxBuffer: 2 ** 26 }
    execFile(`${root}node_modules/.bin/deno`, args, options, (_error, _stdout, stderr) => resolve(stderr))
  })
}

if (import.meta.main) {
  const folder = `${root}docs/api`
  await writeReference(folder)
  console.log(`${folder}/index.html`)
}
