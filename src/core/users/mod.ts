/** Users, their sessions, and their lifecycle. @module */
export { Admission, type Known } from './admission.ts'
export { Lifecycle } from './lifecycle.ts'
export type { Session } from './session.ts'
export { Sessions } from './sessions.ts'
export { mergeInfo } from './users.ts'
