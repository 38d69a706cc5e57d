/**
 * What the imports of their own, `legacy` and `recording`, need of the companion. These are no public names. In the
 * package, dist/peer.js exports them, so that an app with such an import has the companion once.
 *
 * @module
 */
export { isObject, TokenBucket } from '../../protocol/mod.ts'
export { encodeChunk, MAX_TEXT_LENGTH, now, RemoteClock, StreamError, StreamWriter } from '../../streams/mod.ts'
export { toName } from '../../unicode/names.ts'
export {
  descriptionError,
  offerLimit,
  peerConnectionOf,
  Recovery,
  readQuality,
  reportOf,
  SignalGuard,
} from '../link/mod.ts'
export { describeTrack } from '../publish/mod.ts'
export { Inbox, MAX_PUBLICATIONS, MAX_STREAMS } from '../receive/mod.ts'
export { afterSeconds, closeQuietly, emit, TypedEventTarget } from '../shared/mod.ts'
export { countDropped, encodeControl } from '../wire/mod.ts'
