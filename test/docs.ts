import { readdirSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import t from 'tap'
import { root, run } from './fixture/server.ts'

/**
 * Runs the examples of docstrings and documents as a newcomer would paste them. A comment behind a `console.log` is what
 * it prints, unless it says `such as`. Examples for a page (they open a connection of their own, or use names that the
 * reader has) are left to test/examples.ts.
 */
const files = [
  'README.md',
  'PROTOCOL.md',
  'mod.ts',
  ...['src', 'plugins'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => relative(root, `${entry.parentPath}/${entry.name}`)),
  ),
]

const examples = files.flatMap((path) =>
  [...readFileSync(`${root}${path}`, 'utf8').matchAll(/^[ *]*```ts\n([\s\S]*?)^[ *]*```$/gm)].map(([, code]) => ({
    path,
    code: (code as string).replace(/^ *\* ?/gm, ''),
  })),
)
const runnable = examples.filter(({ code }) => /from 'datastreams-webrtc/.test(code) && !/await connect\(/.test(code))

t.ok(runnable.length >= 8, `${runnable.length} examples run`)
for (const { path, code } of runnable) {
  t.test(path, async (t) => {
    const {
      code: exit,
      stdout,
      stderr,
    } = await run([process.execPath, '--input-type=module-typescript', '--eval', code])
    t.equal(exit, 0, stderr)
    for (const [, printed] of code.matchAll(/console\.log\(.*\) \/\/ (?!such as)(.+)$/gm)) {
      t.ok(stdout.includes(printed as string), `prints ${printed}: ${stdout}`)
    }
  })
}
