import { LIBRARIES, type LibraryName, type PageFiles } from './page-files.ts'

/** Everything that a page has to load before its first line runs. */
export interface ModuleGraph {
  /** Our modules, as paths below `src/`. */
  modules: string[]
  libraries: LibraryName[]
}

/**
 * Follows the static imports from one module through all of ours, so that the page can name them at once and a browser
 * need not find them one import at a time.
 *
 * @throws Error where a module imports what the page does not serve
 */
export async function walkGraph(files: PageFiles, entry: string): Promise<ModuleGraph> {
  const modules = new Set([entry])
  const libraries = new Set<LibraryName>()
  // A set's iterator also visits what is added on the way.
  for (const path of modules) {
    const code = await files.source(path)
    if (code === undefined) throw new Error(`Cannot build the page as the module ${path} is missing`)
    for (const specifier of importsOf(code)) {
      if (specifier.startsWith('.')) modules.add(resolve(specifier, path))
      else libraries.add(libraryOf(specifier, path))
    }
  }
  return { modules: [...modules], libraries: [...libraries] }
}

/**
 * The specifiers of a module's static imports and re-exports. Anchored at the start of a line, as every formatter and
 * stripper leaves them, so that examples in comments do not count.
 */
export function importsOf(code: string): string[] {
  const statement = /^(?:(?:import|export)\b[^'"`;()=]*?\bfrom|import)\s*(['"])([^'"\n]+)\1/gm
  return [...code.matchAll(statement)].map((match) => match[2] as string)
}

const resolve = (specifier: string, from: string): string =>
  new URL(specifier, `https://page/${from}`).pathname.slice(1)

function libraryOf(specifier: string, path: string): LibraryName {
  for (const [name, library] of Object.entries(LIBRARIES)) {
    if (library.specifier === specifier) return name as LibraryName
  }
  throw new Error(`Cannot build the page as ${path} imports ${specifier}, which the server does not serve`)
}
