import { type LibraryName, type PageFiles, PageUnavailable } from '../page/page-files.ts'
import { readSource } from './files-disk.ts'

/** The part of Deno that this file uses: `tsc` does not have Deno's types. */
declare const Deno: {
  permissions: { querySync(descriptor: { name: 'read'; path: URL }): { state: 'granted' | 'prompt' | 'denied' } }
}

/**
 * Returns the page's files under Deno. Reading our own sources needs a permission there, which the rest of the server
 * does not need.
 */
export const pageFiles = (): PageFiles => ({
  async source(path) {
    // Query the permission first: reading without it would halt the server at a prompt in its terminal.
    if (Deno.permissions.querySync({ name: 'read', path: new URL('../../', import.meta.url) }).state !== 'granted') {
      throw new PageUnavailable(
        'Cannot show the page: the server may not read its files. Start it with deno run -P mod.ts, or add --allow-read=src',
      )
    }
    // Not a static import: bundlers of apps do not know this export.
    const { stripTypeScriptTypes } = await import('node:module')
    return readSource(path, stripTypeScriptTypes)
  },
  library: (name) => libraries[name](),
})

/**
 * Deno keeps packages in a cache, and reading it needs a permission. Importing a file as text needs none. Deno finds
 * such imports by reading the code, so each one has a literal specifier.
 */
const libraries: Record<LibraryName, () => Promise<string>> = {
  'msgpack.js': () => textOf(import('@msgpack/msgpack/dist.umd/msgpack.min.js', { with: { type: 'text' } })),
  'simple-peer.js': () => textOf(import('simple-peer/simplepeer.min.js', { with: { type: 'text' } })),
  'uplot.css': () => textOf(import('uplot/dist/uPlot.min.css', { with: { type: 'text' } })),
  'uplot.js': () => textOf(import('uplot/dist/uPlot.esm.js', { with: { type: 'text' } })),
  'valibot.js': () => textOf(import('valibot', { with: { type: 'text' } })),
}

const textOf = async (module: Promise<unknown>): Promise<string> => ((await module) as { default: string }).default
