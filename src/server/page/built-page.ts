import type { PageFiles } from './page-files.ts'

/** The files of the built page: their texts by path, such as `studio/main.ts` or `libraries/uplot.css`. */
export type BuiltFiles = Readonly<Record<string, string>>

/**
 * Returns the page's files in the package, where `build/` has made a few modules of them. They are part of the program:
 * the server reads no files for the page, needs no permission for it, and can be bundled.
 *
 * @param load imports the files; called for the first request, because nothing else needs them
 */
export function builtPage(load: () => Promise<{ files: BuiltFiles }>): PageFiles {
  const read = async (path: string): Promise<string | undefined> => {
    const { files } = await load()
    return Object.hasOwn(files, path) ? files[path] : undefined
  }
  return { source: read, library: (name) => read(`libraries/${name}`) }
}
