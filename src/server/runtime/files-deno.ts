import { builtPage } from '../page/built-page.ts'
import { type LibraryName, type PageFiles, PageUnavailable } from '../page/page-files.ts'
import { loadPublishedPage } from '../page/published-page.ts'
import { readSource } from './files-disk.ts'

/** The part of Deno that this file uses: `tsc` does not have Deno's types. */
declare const Deno: {
  permissions: { querySync(descriptor: { name: 'read'; path: URL }): { state: 'granted' | 'prompt' | 'denied' } }
}

/** Returns the page's files under Deno: our sources, or the built page of the package on JSR, which has no files. */
export const pageFiles = (): PageFiles =>
  import.meta.url.startsWith('file:') ? sourceFiles : builtPage(loadPublishedPage)

/** Reading our own sources needs a permission, which the rest of the server does not need. */
const sourceFiles: PageFiles = {
  async source(path) {
    checkPermission()
    // Not a static import: bundlers of apps do not know this export.
    const { stripTypeScriptTypes } = await import('node:module')
    return readSource(path, stripTypeScriptTypes)
  },
  async library(name) {
    checkPermission()
    // JSR rejects a package that imports texts. With a computed specifier, the module is no part of the package.
    const { href } = new URL('./libraries-deno.ts', import.meta.url)
    const { libraries } = (await import(href)) as { libraries: Record<LibraryName, () => Promise<string>> }
    return libraries[name]()
  },
}

/** Query the permission first: reading without it would halt the server at a prompt in its terminal. */
function checkPermission(): void {
  if (Deno.permissions.querySync({ name: 'read', path: new URL('../../', import.meta.url) }).state === 'granted') return
  throw new PageUnavailable(
    'Cannot show the page: the server may not read its files. Start it with deno run -P mod.ts, or add --allow-read=src',
  )
}
