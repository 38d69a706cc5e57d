import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** The limit of open files is reached: that of the process, or that of the system. */
const NONE_FREE: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE'])

/** Opens this file, to see whether a file descriptor is free. Bun and Deno report nothing if `accept` has none. */
export async function hasFreeDescriptor(): Promise<boolean> {
  try {
    const file = await open(fileURLToPath(import.meta.url))
    await file.close()
    return true
  } catch (error) {
    return !NONE_FREE.has((error as { code?: unknown }).code)
  }
}
