import { stripTypeScriptTypes } from 'node:module'
import process from 'node:process'
import type { PageFiles } from '../page/page-files.ts'
import { diskFiles } from './files-disk.ts'

/** The page's files under Node. */
export const pageFiles = (): PageFiles => diskFiles(stripQuietly)

/**
 * Node 24 strips the types of what it runs without a word, yet calls the same function experimental when a program
 * calls it. That warning says nothing to whoever runs the server, and Node has no switch for it but a global one, so it
 * is held back for the length of this synchronous call.
 */
function stripQuietly(code: string): string {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return stripTypeScriptTypes(code)
  } finally {
    process.emitWarning = emitWarning
  }
}
