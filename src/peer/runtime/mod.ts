/** What the companion needs of a runtime that is no browser. @module */
export { endSafely } from './end-safely.ts'
