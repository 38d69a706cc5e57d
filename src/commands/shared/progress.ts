import { program } from '../../server/runtime/program.ts'
import { userFiles } from '../../server/runtime/user-files.ts'

/** How often a terminal is told, in ms. */
const PERIOD = 200

/**
 * A file's bytes, a piece at a time, with a line in the terminal that says how much of it was read.
 *
 * @throws FileError
 */
export async function* readWithProgress(path: string, what: string): AsyncGenerator<Uint8Array, void> {
  const size = await userFiles.size(path)
  let read = 0
  let told = performance.now()
  try {
    for await (const piece of userFiles.read(path)) {
      yield piece
      read += piece.length
      if (performance.now() - told < PERIOD) continue
      told = performance.now()
      program.progress(`${what} ${path}: ${Math.floor((100 * read) / Math.max(size, 1))} %`)
    }
  } finally {
    program.progress('')
  }
}
