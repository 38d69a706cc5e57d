import { readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { posix, relative } from 'node:path'

/** Matches the relative specifiers of a module's imports, and of types in a declaration. */
const SPECIFIER = /(\b(?:from|import)\s*\(?\s*)(["'])(\.[^"'\n]+)\2/g

/** Changes specifiers in compiled modules and declarations that only hold for the sources. */
export function rewriteModules(root: string): void {
  for (const path of filesIn(`${root}dist`)) {
    if (!/\.(d\.ts|js)$/.test(path)) continue
    const text = readFileSync(`${root}dist/${path}`, 'utf8')
    const changed = text.replace(SPECIFIER, (_, before: string, quote: string, specifier: string) => {
      const target =
        // The package has package.json already, one folder above the compiler's copy.
        specifier.endsWith('/package.json') ? `../${specifier}` : specifier.replace(/\.ts$/, '.js')
      return `${before}${quote}${target}${quote}`
    })
    if (changed !== text) writeFileSync(`${root}dist/${path}`, changed)
  }
}

/**
 * Adds the types of `await using` to the declarations of the companion. An app that compiles for ES2022 does not have
 * them. The sources cannot name them: JSR accepts no such directive.
 */
export function referToDisposables(root: string): void {
  const path = `${root}dist/src/peer/mod.d.ts`
  writeFileSync(path, `/// <reference lib="esnext.disposable" />\n${readFileSync(path, 'utf8')}`)
  const map = JSON.parse(readFileSync(`${path}.map`, 'utf8')) as { mappings: string }
  // A semicolon ends the added line (source map format, revision 3).
  writeFileSync(`${path}.map`, JSON.stringify({ ...map, mappings: `;${map.mappings}` }))
}

/** Removes the files of `dist/` that no entry of package.json leads to. */
export function pruneUnreachable(root: string): void {
  const reached = new Set(entriesOf(root))
  // A set's iterator also visits items that the loop adds.
  for (const path of reached) {
    const text = readFileSync(root + path, 'utf8')
    if (path.endsWith('.js') || path.endsWith('.d.ts')) {
      for (const [, , , specifier] of text.matchAll(SPECIFIER)) {
        const target = posix.join(posix.dirname(path), specifier as string)
        reached.add(path.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target)
      }
    }
    const [, map] = /^\/\/# sourceMappingURL=(.+)$/m.exec(text.slice(-200)) ?? []
    if (map !== undefined) reached.add(posix.join(posix.dirname(path), map))
  }
  reached.add('dist/THIRD-PARTY.txt')
  for (const path of filesIn(`${root}dist`)) if (!reached.has(`dist/${path}`)) rmSync(`${root}dist/${path}`)
  removeEmpty(`${root}dist`)
}

/** Returns the files that package.json names, relative to the project. */
function entriesOf(root: string): string[] {
  const { exports, bin } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    exports: Record<string, string | Record<string, string> | null>
    bin: Record<string, string>
  }
  const files = filesIn(`${root}dist`).map((path) => `dist/${path}`)
  return [
    ...Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry ?? {}))),
    ...Object.values(bin),
  ]
    .map((path) => posix.normalize(path))
    .flatMap((path) => {
      const [before, after] = path.split('*') as [string, string | undefined]
      if (after === undefined) return [path]
      return files.filter(
        (file) => file.startsWith(before) && file.endsWith(after) && !file.slice(before.length).includes('/'),
      )
    })
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, `${entry.parentPath}/${entry.name}`))

function removeEmpty(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(`${folder}/${entry.name}`)
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}
