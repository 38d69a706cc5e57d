import type { PageFiles } from '../page/page-files.ts'
import { diskFiles } from './files-disk.ts'

/** The one thing of Bun used here; its whole types are not there under `deno check`. */
declare const Bun: {
  Transpiler: new (options: { loader: 'ts' }) => { transformSync(code: string): string }
}

/** The page's files under Bun. */
export function pageFiles(): PageFiles {
  const transpiler = new Bun.Transpiler({ loader: 'ts' })
  return diskFiles((code) => transpiler.transformSync(code))
}
