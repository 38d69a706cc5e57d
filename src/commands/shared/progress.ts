import { program } from '../../server/runtime/program.ts'
import { userFiles } from '../../server/runtime/user-files.ts'

/** Interval between updates of the progress line, in ms. */
const PERIOD = 200

/**
 * Reads a file's bytes, one piece at a time. A line in the terminal shows the progress.
 *
 * @param what the first word of that line, such as `Reading`
 * @throws FileError if the program cannot read the file
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
