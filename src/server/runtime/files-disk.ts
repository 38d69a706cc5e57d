import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { builtPage } from '../page/built-page.ts'
import type { LibraryName, PageFiles } from '../page/page-files.ts'
import { loadPublishedPage } from '../page/published-page.ts'

const sources = new URL('../../', import.meta.url)

const libraries: Record<LibraryName, string> = {
  'simple-peer.js': 'simple-peer/simplepeer.min.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
  'uplot.js': 'uplot/dist/uPlot.esm.js',
}

/**
 * Returns the page's files on Node and Bun, which may read any file. The two strip types differently. The package on JSR,
 * which npm can install too, has the built page instead of its sources.
 */
export function diskFiles(stripTypes: StripTypes): PageFiles {
  if (!existsSync(fileURLToPath(new URL('studio/', sources).href))) return builtPage(loadPublishedPage)
  return {
    source: (path) => readSource(path, stripTypes),
    library: (name) => readFile(fileURLToPath(import.meta.resolve(libraries[name])), 'utf8'),
  }
}

/** Returns a module as JavaScript. */
export type StripTypes = (code: string) => string | Promise<string>

/** What the system says of a path that is no file. A client chooses the path, which may also be too long. */
const NO_FILE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENAMETOOLONG', 'ENOTDIR', 'EISDIR', 'ELOOP'])

/**
 * Reads a file below `src/`, and strips the types of a module.
 *
 * @returns undefined if there is no such file
 */
export async function readSource(path: string, stripTypes: StripTypes): Promise<string | undefined> {
  try {
    const text = await readFile(fileURLToPath(new URL(path, sources).href), 'utf8')
    return path.endsWith('.ts') ? await stripTypes(text) : text
  } catch (error) {
    if (NO_FILE.has((error as { code?: unknown }).code)) return undefined
    throw error
  }
}
