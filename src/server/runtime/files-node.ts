import process from 'node:process'
import type { PageFiles } from '../page/page-files.ts'
import { diskFiles } from './files-disk.ts'

/** Returns the page's files under Node. */
export const pageFiles = (): PageFiles => diskFiles(stripQuietly)

/**
 * Strips types without a warning. Node 24 strips the types of its own program silently. If a program calls the same
 * function, Node warns that it is experimental. The warning does not help the operator, and Node has only a global
 * switch for it. So this function suppresses warnings during its synchronous call.
 */
async function stripQuietly(code: string): Promise<string> {
  // Not a static import: bundlers of apps do not know this export.
  const { stripTypeScriptTypes } = await import('node:module')
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return stripTypeScriptTypes(code)
  } finally {
    process.emitWarning = emitWarning
  }
}
