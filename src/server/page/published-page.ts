import type { BuiltFiles } from './built-page.ts'
import { PageUnavailable } from './page-files.ts'

/**
 * Loads the page that the package on JSR has. `npm run build` makes it, and the repository does not contain it.
 *
 * @throws PageUnavailable if it was published without a build
 */
export const loadPublishedPage = (): Promise<{ files: BuiltFiles }> =>
  // biome-ignore lint/suspicious/noTsIgnore: with a build, it depends on the compiler's options whether this is an error
  // @ts-ignore: the module exists only after a build
  import('../../../dist/page.js').catch((cause: unknown) => {
    throw new PageUnavailable('Cannot show the page: this package was published without `npm run build`', { cause })
  })
