import type { PublicationInfo, Want } from '../wire/mod.ts'
import type { IncomingStream } from './incoming-stream.ts'
import type { RemoteStream } from './remote-stream.ts'

/** What somebody publishes, with its streams by their numbers. */
export interface IncomingPublication {
  readonly stream: RemoteStream
  readonly media: string | undefined
  readonly streams: Map<number, IncomingStream>
}

/** What an inbox tells of. */
export interface InboxEvents {
  /** The peer wants what is published. */
  want(want: Want): void
  stream(stream: RemoteStream): void
  /** A stream of somebody who was here before goes on. */
  resumed(stream: RemoteStream): void
  streamend(stream: RemoteStream): void
  /** The peer has another id from now on. */
  moved(id: number): void
  /** What is published may go on from where somebody who left was. */
  leftBehind(info: PublicationInfo): IncomingPublication | undefined
  /** The peer has ended a publication, and all of it that will come was taken. */
  taken(publication: number): void
  /** The peer has all of a publication of one's own that is over. */
  received(publication: number): void
}
