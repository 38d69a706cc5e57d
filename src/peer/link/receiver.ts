import type { Link } from './link.ts'

/** Whoever gets what one publishes: a peer over its link, or a recording of one's own. */
export type Receiver = Pick<
  Link,
  'send' | 'sendTo' | 'sendAfter' | 'sendChunk' | 'waiting' | 'addMedia' | 'removeMedia'
>

/** A way to a peer, of whichever version the peer is. */
export type OpenLink = Receiver & Pick<Link, 'fingerprint' | 'stats'>
