import type { PublicationInfo, Want } from '../wire/mod.ts'
import type { IncomingStream } from './incoming-stream.ts'
import type { ReceivedStream } from './received-stream.ts'
import type { RemoteStream } from './remote-stream.ts'

/** A publication of a peer, with its streams by number. */
export interface IncomingPublication {
  readonly stream: ReceivedStream
  /** The id of the MediaStream with its audio and video, if it has any. */
  readonly media: string | undefined
  readonly streams: Map<number, IncomingStream>
}

/** Callbacks of an inbox. */
export interface InboxEvents {
  /** The peer requests the publications of this side. */
  want(want: Want): void
  stream(stream: RemoteStream): void
  /** A stream of a returning peer continues. */
  resumed(stream: RemoteStream): void
  streamend(stream: RemoteStream): void
  /** The peer has this id from now on. */
  moved(id: number): void
  /** Returns the departed publication that this one continues, if there is any. */
  departed(info: PublicationInfo): IncomingPublication | undefined
  /** The peer has ended a publication, and the inbox has received all of it that will come. */
  taken(publication: number): void
  /** The peer has acknowledged all of an ended publication of this side. */
  received(publication: number): void
}
