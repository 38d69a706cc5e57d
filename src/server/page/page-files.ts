import * as msgpack from '@msgpack/msgpack'

/** Provides the page's files. Each runtime reads them differently: see `runtime/files-*.ts`. */
export interface PageFiles {
  /**
   * Returns one of our modules as JavaScript, with its types stripped, or an asset unchanged.
   *
   * @param path relative to `src/`, such as `studio/main.ts` or `studio/page.css`
   * @returns undefined if there is no such file
   * @throws PageUnavailable if the server may not read its own files
   */
  source(path: string): Promise<string | undefined>
  /**
   * Returns the text of a library's file, unchanged from its package.
   *
   * @returns undefined if the page's modules include the library
   */
  library(name: LibraryName): Promise<string | undefined>
}

/** The server may not read the page's files. The message says how to fix that. */
export class PageUnavailable extends Error {
  override readonly name = 'PageUnavailable'
}

export type LibraryName = 'msgpack.js' | 'simple-peer.js' | 'uplot.css' | 'uplot.js' | 'valibot.js'

/** How to turn a library's file into one that a browser can load directly. */
interface Library {
  /** The name under which our modules import the library; undefined for a style sheet. */
  specifier?: string
  wrap(text: string): string
}

const asItIs = (text: string): string => text

export const LIBRARIES: Readonly<Record<LibraryName, Library>> = {
  'msgpack.js': { specifier: '@msgpack/msgpack', wrap: (text) => commonJsAsModule(text, Object.keys(msgpack)) },
  'simple-peer.js': { specifier: 'simple-peer/simplepeer.min.js', wrap: (text) => commonJsAsModule(text, []) },
  'uplot.css': { wrap: asItIs },
  'uplot.js': { specifier: 'uplot', wrap: asItIs },
  'valibot.js': { specifier: 'valibot', wrap: asItIs },
}

/**
 * Turns UMD code into a module: two libraries offer browsers nothing else. UMD code fills `module.exports` if there
 * is a `module`. The filter removes names that are not exports: a runtime also lists names such as `module.exports`.
 */
function commonJsAsModule(text: string, names: string[]): string {
  const exported = names.filter((name) => /^[a-z]\w*$/i.test(name) && name !== 'default')
  const lines = exported.map((name) => `export const ${name} = module.exports.${name}`)
  return [
    // Without the semicolon, a library that begins with a parenthesis would become a call's arguments.
    'const module = { exports: {} }, exports = module.exports;',
    text,
    'export default module.exports',
    ...lines,
    '',
  ].join('\n')
}
