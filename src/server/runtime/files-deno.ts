import { stripTypeScriptTypes } from 'node:module'
import { type LibraryName, type PageFiles, PageUnavailable } from '../page/page-files.ts'
import { readSource } from './files-disk.ts'

/** The one thing of Deno used here; its whole types are not there under `tsc`. */
declare const Deno: {
  permissions: { querySync(descriptor: { name: 'read'; path: URL }): { state: 'granted' | 'prompt' | 'denied' } }
}

/** The page's files under Deno, where reading our own sources takes a permission that the rest of the server needs not. */
export const pageFiles = (): PageFiles => ({
  async source(path) {
    // Asked first, as reading without the permission would halt the server at a prompt in its terminal.
    if (Deno.permissions.querySync({ name: 'read', path: new URL('../../', import.meta.url) }).state !== 'granted') {
      throw new PageUnavailable(
        'Cannot show the page as the server may not read its files: start it with deno run -P mod.ts, or add --allow-read=src',
      )
    }
    return readSource(path, stripTypeScriptTypes)
  },
  library: (name) => libraries[name](),
})

/**
 * Deno keeps packages in a cache that takes a permission to read; an import of a file as text takes none. Deno finds
 * such imports by reading the code, so each is spelled out.
 */
const libraries: Record<LibraryName, () => Promise<string>> = {
  'msgpack.js': () => textOf(import('@msgpack/msgpack/dist.umd/msgpack.min.js', { with: { type: 'text' } })),
  'simple-peer.js': () => textOf(import('simple-peer/simplepeer.min.js', { with: { type: 'text' } })),
  'uplot.css': () => textOf(import('uplot/dist/uPlot.min.css', { with: { type: 'text' } })),
  'uplot.js': () => textOf(import('uplot/dist/uPlot.esm.js', { with: { type: 'text' } })),
  'valibot.js': () => textOf(import('valibot', { with: { type: 'text' } })),
}

const textOf = async (module: Promise<unknown>): Promise<string> => ((await module) as { default: string }).default
