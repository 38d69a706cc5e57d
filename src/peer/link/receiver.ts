import type { Link } from './link.ts'

/** A receiver of this side's publications: a peer over its link, or a local recording. */
export type Receiver = Pick<
  Link,
  'send' | 'sendTo' | 'sendAfter' | 'sendChunk' | 'waiting' | 'addMedia' | 'removeMedia'
>

/** An open link to a peer of any version. */
export type OpenLink = Receiver & Pick<Link, 'fingerprint' | 'stats'>
