/** Links to clients before version 1. @module */
export { isLegacy, LegacyLinks } from './legacy-links.ts'
