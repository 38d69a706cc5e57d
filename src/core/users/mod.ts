/** Users and their sessions. @module */
export { Admission, type Known } from './admission.ts'
export type { Session } from './session.ts'
export { Sessions } from './sessions.ts'
export { removeUnreachable } from './unreachable.ts'
export { mergeInfo, newUser } from './users.ts'
