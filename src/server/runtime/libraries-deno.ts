import type { LibraryName } from '../page/page-files.ts'

/**
 * The texts of the page's libraries on Deno. It keeps packages in a cache, and reading it needs a permission. Importing a
 * file as text needs none. Deno finds such imports by reading the code, so each one has a literal specifier.
 */
export const libraries: Readonly<Record<LibraryName, () => Promise<string>>> = {
  'simple-peer.js': () => textOf(import('simple-peer/simplepeer.min.js', { with: { type: 'text' } })),
  'uplot.css': () => textOf(import('uplot/dist/uPlot.min.css', { with: { type: 'text' } })),
  'uplot.js': () => textOf(import('uplot/dist/uPlot.esm.js', { with: { type: 'text' } })),
}

const textOf = async (module: Promise<unknown>): Promise<string> => ((await module) as { default: string }).default
