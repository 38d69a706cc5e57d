/** Which source file imports which: for test/house.ts, and for the pictures of ARCHITECTURE.md. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

export interface SourceFile {
  /** Relative to the project, such as `src/core/service.ts`. */
  path: string
  text: string
}

export interface Import {
  from: string
  to: string
}

export function sourceFiles(): SourceFile[] {
  return ['mod.ts', ...['src', 'plugins', 'build', 'bench', 'test', 'examples', 'docs'].flatMap(filesUnder)]
    .filter((path) => /\.c?ts$/.test(path))
    .map((path) => ({ path, text: readFileSync(`${root}${path}`, 'utf8') }))
}

/** Imports between these files, those of types included; examples in comments do not count. */
export function importsOf(sources: readonly SourceFile[]): Import[] {
  return sources
    .flatMap(({ path, text }) =>
      [...text.replace(/^ *\*.*$/gm, '').matchAll(/(?:from|import\(|import)\s*'(\.[^']+)'/g)].map(([, specifier]) => ({
        from: path,
        to: posix.join(dirname(path), specifier as string),
      })),
    )
    .filter(({ to }) => to.endsWith('ts'))
}

/** Mermaid's graph of folders, without the arrows that follow from others. */
export function pictureOf(imports: readonly Import[], folderOf: (path: string) => string | undefined): string {
  const graph = new Map<string, Set<string>>()
  for (const { from, to } of imports) {
    const [above, below] = [folderOf(from), folderOf(to)]
    if (above === undefined || below === undefined || above === below) continue
    graph.set(above, (graph.get(above) ?? new Set()).add(below))
  }
  const reaches = (from: string, to: string): boolean =>
    [...(graph.get(from) ?? [])].some((next) => next === to || reaches(next, to))
  const arrows = [...graph].flatMap(([above, folders]) =>
    [...folders]
      .filter((below) => ![...folders].some((other) => other !== below && reaches(other, below)))
      .map((below) => `  ${above} --> ${below}`),
  )
  return ['```mermaid', 'graph TD', ...arrows.sort(), '```'].join('\n')
}

/** All files in a folder of the project and its subfolders. */
export function filesUnder(folder: string): string[] {
  return readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, `${entry.parentPath}/${entry.name}`))
}
