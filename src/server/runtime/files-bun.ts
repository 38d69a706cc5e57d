import type { PageFiles } from '../page/page-files.ts'
import { diskFiles } from './files-disk.ts'

/** The part of Bun that this file uses: `deno check` does not have Bun's types. */
declare const Bun: {
  Transpiler: new (options: { loader: 'ts' }) => { transformSync(code: string): string }
}

/** Returns the page's files under Bun. */
export function pageFiles(): PageFiles {
  const transpiler = new Bun.Transpiler({ loader: 'ts' })
  return diskFiles((code) => transpiler.transformSync(code))
}
