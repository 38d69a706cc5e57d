import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { entries, problemsIn, writeReference } from '../docs/api.ts'
import { architecturePage, optionsPage } from '../docs/generate.ts'
import { filesUnder } from '../docs/imports.ts'
import { root, run } from './fixture/server.ts'

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...filesUnder('docs').filter((path) => path.endsWith('.md')),
  'examples/README.md',
]
const modules = ['src', 'plugins'].flatMap(filesUnder).filter((path) => path.endsWith('.ts'))
const files = [...pages, 'mod.ts', ...modules]

/**
 * Runs the examples of docstrings and documents as a newcomer would paste them. A comment after a `console.log` must be
 * what it prints, unless it says `such as`. test/examples.ts covers examples for a page: they open a connection or use
 * names that the reader has.
 */
const examples = files.flatMap((path) =>
  [...readFileSync(`${root}${path}`, 'utf8').matchAll(/^[ *]*```ts\n([\s\S]*?)^[ *]*```$/gm)].map(([, code]) => ({
    path,
    code: (code as string).replace(/^ *\* ?/gm, ''),
  })),
)
const complete = examples.filter(({ code }) => /from 'datastreams-webrtc/.test(code))
const runnable = complete.filter(({ code }) => !/await connect\(/.test(code))

t.ok(runnable.length >= 8, `${runnable.length} examples run`)
t.test('examples run, and print what their comments say', async (t) => {
  const folder = t.testdir(Object.fromEntries(runnable.map(({ code }, i) => [`${i}.ts`, fromSources(code)])))
  // Run all in one program, because starting Node takes longer than any example.
  const program = `for (let i = 0; i < ${runnable.length}; i++) {
    console.log('example', i)
    await import('file://${folder}/' + i + '.ts')
  }`
  const { code: exit, stdout, stderr } = await run([process.execPath, '--input-type=module', '--eval', program])
  t.equal(exit, 0, stderr)
  const printed = stdout.split(/^example \d+$/m).slice(1)
  for (const [i, { path, code }] of runnable.entries()) {
    t.type(printed[i], 'string', `${path} ran`)
    for (const [, line] of code.matchAll(/console\.log\(.*\) \/\/ (?!such as)(.+)$/gm)) {
      t.ok(printed[i]?.includes(line as string), `${path} prints ${line}: ${printed[i]}`)
    }
  }
})

t.test('examples have no type errors', async (t) => {
  // A fragment may use names that the reader has, such as a device.
  const checked = complete.filter((example) => runnable.includes(example) || /^export /m.test(example.code))
  const files = Object.fromEntries(checked.map(({ path, code }, i) => [`${i}-${basename(path)}.ts`, fromSources(code)]))
  const tsconfig = {
    extends: `${root}tsconfig.json`,
    // graphscript has no types. An app need not declare its types explicitly.
    compilerOptions: { noImplicitAny: false, isolatedDeclarations: false },
    include: ['*.ts', `${root}src/server/runtime/*.d.ts`],
  }
  const folder = t.testdir({ ...files, 'tsconfig.json': JSON.stringify(tsconfig) })
  // Not `.bin/tsc`: tap's loader cannot load an ES module whose file has no extension.
  const tsc = `${root}node_modules/typescript/lib/tsc.js`
  const { code, stdout, stderr } = await run([process.execPath, tsc, '-p', folder])
  t.equal(code, 0, stdout + stderr)
})

t.test('generated documents are up to date', async (t) => {
  t.equal(readFileSync(`${root}docs/options.md`, 'utf8'), optionsPage(), 'run: node docs/generate.ts')
  t.equal(readFileSync(`${root}ARCHITECTURE.md`, 'utf8'), architecturePage(), 'run: node docs/generate.ts')
})

t.test('every public name has a docstring, and the types in its signature are public', async (t) => {
  t.strictSame(await problemsIn(Object.values(entries)), [])
  // The entries of the package are linted apart, so that their types must be public there.
  t.strictSame(await problemsIn(['src/core/mod.ts', 'src/protocol/mod.ts']), [])
})

t.test('the linter of docstrings finds what is missing', async (t) => {
  const folder = t.testdir({ 'mod.ts': 'interface Hidden {}\nexport function shown(): Hidden { return {} }\n' })
  const problems = (await problemsIn([`${folder}/mod.ts`])).map((problem) => problem.replace(/: \S+$/, ''))
  t.strictSame(problems, [
    "public type 'shown' references private type 'Hidden'",
    'exported symbol is missing JSDoc documentation',
  ])
})

t.test('the API reference has a page for every public name', async (t) => {
  const folder = t.testdir()
  await writeReference(folder)
  for (const [entry, path] of Object.entries(entries)) {
    const part = entry.slice('datastreams-webrtc/'.length)
    for (const [name, value] of Object.entries(await import(`${root}${path}`))) {
      // A name under which a function is exported once more, such as `default`, is on the page of its first name.
      const pages = [name, (value as { name?: string })?.name].map((title) => join(folder, part, '~', `${title}.html`))
      const page = pages.find((path) => existsSync(path))
      t.ok(
        page !== undefined && readFileSync(page, 'utf8').includes(` from &quot;${entry}&quot;`),
        `${name} of ${entry}`,
      )
    }
  }
})

t.test('docs/api.md names every entry of the package', async (t) => {
  const page = readFileSync(`${root}docs/api.md`, 'utf8')
  const named = [...page.matchAll(/^\| `(datastreams-webrtc[^`]*)` \|/gm)].map(([, name]) => name)
  const expected = new Set(Object.keys(entries).map((name) => name.replace(/\/plugins\/.*/, '/plugins/HOST')))
  t.strictSame(named.sort(), [...expected].sort())
})

t.test('links in documents have existing targets', async (t) => {
  for (const page of pages) {
    const text = readFileSync(`${root}${page}`, 'utf8').replace(/^```[\s\S]*?^```$/gm, '')
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)\s]*)\)/g)) {
      const [path, heading] = (link as string).split('#') as [string, string | undefined]
      const target = path === '' ? page : join(dirname(page), path)
      t.ok(existsSync(`${root}${target}`), `${page} links to ${link}`)
      if (heading !== undefined) t.ok(headingsOf(target).includes(heading), `${page} links to the heading ${link}`)
    }
  }
})

t.test('docs/troubleshooting.md explains every error code and reason', async (t) => {
  const page = readFileSync(`${root}docs/troubleshooting.md`, 'utf8')
  for (const path of ['src/protocol/errors.ts', 'src/peer/shared/errors.ts', 'src/streams/shared/errors.ts']) {
    for (const [, code] of readFileSync(`${root}${path}`, 'utf8').matchAll(/^ {2}\| '([a-z-]+)'$/gm)) {
      t.ok(page.includes(`\`${code}\``), `${code} of ${path}`)
    }
  }
})

/** Makes an example import the sources, because the package's own modules exist only after a build. */
function fromSources(code: string): string {
  return code.replace(/ from 'datastreams-webrtc(\/[^']+)?'/g, (_, entry: string = '') => {
    const room = /^\/(legacy|recording)$/.test(entry) ? `/peer${entry}` : entry
    const path = entry.startsWith('/plugins/') ? `${entry.slice(1)}.ts` : `src${room}/mod.ts`
    return ` from '${root}${path}'`
  })
}

/** Returns the anchors that GitHub gives the headings of a page. */
function headingsOf(page: string): string[] {
  return [...readFileSync(`${root}${page}`, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
