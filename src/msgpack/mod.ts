/** The companion's msgpack coder: as small as it can be, with bounds on depth and lengths. @module */
export { decode } from './decode.ts'
export { encode } from './encode.ts'
export { Extension, MsgpackError, type MsgpackErrorCode } from './error.ts'
