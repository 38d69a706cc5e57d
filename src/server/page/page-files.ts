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

export type LibraryName = 'simple-peer.js' | 'uplot.css' | 'uplot.js'

/** How to turn a library's file into one that a browser can load directly. */
interface Library {
  /** The name under which our modules import the library; undefined for a style sheet. */
  specifier?: string
  wrap(text: string): string
}

const asItIs = (text: string): string => text

/** Turns UMD code into a module: simple-peer offers browsers nothing else. It fills `module.exports` if there is one. */
const commonJsAsModule = (text: string): string =>
  // Without the semicolon, a library that begins with a parenthesis would become a call's arguments.
  ['const module = { exports: {} }, exports = module.exports;', text, 'export default module.exports', ''].join('\n')

export const LIBRARIES: Readonly<Record<LibraryName, Library>> = {
  'simple-peer.js': { specifier: 'simple-peer/simplepeer.min.js', wrap: commonJsAsModule },
  'uplot.css': { wrap: asItIs },
  'uplot.js': { specifier: 'uplot', wrap: asItIs },
}
