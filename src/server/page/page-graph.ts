import { LIBRARIES, type LibraryName, type PageFiles } from './page-files.ts'

/** Everything that the page must load before its first line runs. */
export interface ModuleGraph {
  /** Our modules, as paths relative to `src/`. */
  modules: string[]
  libraries: LibraryName[]
}

/**
 * Follows the static imports from one module through all of ours. So the page can list them all, and the browser does
 * not discover them one import at a time.
 *
 * @param entry path of the first module, relative to `src/`
 * @throws Error if a module is missing, or imports something that the server does not serve
 */
export async function walkGraph(files: PageFiles, entry: string): Promise<ModuleGraph> {
  const modules = new Set([entry])
  const libraries = new Set<LibraryName>()
  // A set's iterator also visits items that the loop adds.
  for (const path of modules) {
    const code = await files.source(path)
    if (code === undefined) throw new Error(`Cannot build the page: the module ${path} is missing`)
    for (const specifier of importsOf(code)) {
      if (specifier.startsWith('.')) modules.add(resolve(specifier, path))
      else libraries.add(libraryOf(specifier, path))
    }
  }
  return { modules: [...modules], libraries: [...libraries] }
}

/**
 * Returns the specifiers of a module's static imports and re-exports. The pattern matches only at the start of a
 * line, so that examples in comments do not count. Every formatter and type stripper leaves imports there.
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
  throw new Error(`Cannot build the page: ${path} imports ${specifier}, which the server does not serve`)
}
