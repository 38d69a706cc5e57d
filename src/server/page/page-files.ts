import * as msgpack from '@msgpack/msgpack'

/** Where the page's files come from. Each runtime has its own way: see `runtime/files-*.ts`. */
export interface PageFiles {
  /**
   * One of our modules as JavaScript, its types stripped, or an asset as it is.
   *
   * @param path below `src/`, such as `studio/main.ts` or `studio/page.css`
   * @returns undefined where there is no such file
   * @throws PageUnavailable where the server may not read its own files
   */
  source(path: string): Promise<string | undefined>
  /** The text of a library's file as its package has it. */
  library(name: LibraryName): Promise<string>
}

/** The server may not read the page's files; the message says what to do about it. */
export class PageUnavailable extends Error {
  override readonly name = 'PageUnavailable'
}

export type LibraryName = 'msgpack.js' | 'simple-peer.js' | 'uplot.css' | 'uplot.js' | 'valibot.js'

/** How a library's file becomes something that a browser takes as it is. */
interface Library {
  /** What our modules import it as; undefined for a style sheet. */
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
 * Two libraries ship for browsers as UMD alone; given a `module`, UMD code fills its exports. Among the names that a
 * runtime sees in such a module are some that are no names of exports, `module.exports` for one.
 */
function commonJsAsModule(text: string, names: string[]): string {
  const exported = names.filter((name) => /^[a-z]\w*$/i.test(name) && name !== 'default')
  const lines = exported.map((name) => `export const ${name} = module.exports.${name}`)
  return [
    // The semicolon keeps a library that begins with a parenthesis from being taken for a call's arguments.
    'const module = { exports: {} }, exports = module.exports;',
    text,
    'export default module.exports',
    ...lines,
    '',
  ].join('\n')
}
