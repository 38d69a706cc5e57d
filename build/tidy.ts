import { readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { posix, relative } from 'node:path'

/** Matches the relative specifiers of a module's imports, and of types in a declaration. */
const SPECIFIER = /(\b(?:from|import)\s*\(?\s*)(["'])(\.[^"'\n]+)\2/g

/** Changes specifiers in compiled modules and declarations that only hold for the sources. */
export function rewriteModules(dist: string): void {
  for (const path of filesIn(dist)) {
    if (!/\.(d\.ts|js)$/.test(path)) continue
    const text = readFileSync(dist + path, 'utf8')
    const changed = text.replace(SPECIFIER, (_, before: string, quote: string, specifier: string) => {
      const target =
        // The package has package.json already, one folder above the compiler's copy.
        specifier.endsWith('/package.json') ? `../${specifier}` : specifier.replace(/\.ts$/, '.js')
      return `${before}${quote}${target}${quote}`
    })
    if (changed !== text) writeFileSync(dist + path, changed)
  }
}

/**
 * Adds the types of `await using` to the declarations of the companion. An app that compiles for ES2022 does not have
 * them. The sources cannot name them: JSR accepts no such directive.
 */
export function referToDisposables(dist: string): void {
  const path = `${dist}src/peer/mod.d.ts`
  writeFileSync(path, `/// <reference lib="esnext.disposable" />\n${readFileSync(path, 'utf8')}`)
  const map = JSON.parse(readFileSync(`${path}.map`, 'utf8')) as { mappings: string }
  // A semicolon ends the added line (source map format, revision 3).
  writeFileSync(`${path}.map`, JSON.stringify({ ...map, mappings: `;${map.mappings}` }))
}

/** Removes the files of `dist` that no entry of package.json leads to. */
export function pruneUnreachable(root: string, dist: string): void {
  const reached = new Set(entriesOf(root, dist))
  // A set's iterator also visits items that the loop adds.
  for (const path of reached) {
    const text = readFileSync(dist + path, 'utf8')
    if (path.endsWith('.js') || path.endsWith('.d.ts')) {
      for (const [, , , specifier] of text.matchAll(SPECIFIER)) {
        const target = posix.join(posix.dirname(path), specifier as string)
        reached.add(path.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target)
      }
    }
    const [, map] = /^\/\/# sourceMappingURL=(.+)$/m.exec(text.slice(-200)) ?? []
    if (map !== undefined) reached.add(posix.join(posix.dirname(path), map))
  }
  reached.add('THIRD-PARTY.txt')
  for (const path of filesIn(dist)) if (!reached.has(path)) rmSync(dist + path)
  removeEmpty(dist)
}

/** Returns the files in `dist` that package.json names, relative to it. */
function entriesOf(root: string, dist: string): string[] {
  const { exports, bin } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    exports: Record<string, string | Record<string, string> | null>
    bin: Record<string, string>
  }
  const files = filesIn(dist)
  return [
    ...Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry ?? {}))),
    ...Object.values(bin),
  ]
    .flatMap((path) => /^(?:\.\/)?dist\/(.+)$/.exec(path)?.[1] ?? [])
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
