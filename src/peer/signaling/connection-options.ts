import type { Frame, Greeting, RequestBodies } from '../../protocol/both-ends.ts'
import type { Timing } from '../shared/mod.ts'
import type { CloseDetail } from './close-detail.ts'
import type { WebSocketConstructor } from './handshake.ts'

/** The next attempt to reconnect, with the code and reason of the loss or of the last failed attempt. */
export interface Reconnecting extends CloseDetail {
  /** Counts from 1. */
  attempt: number
  /** Seconds until the attempt begins. */
  delay: number
}

export interface ConnectionHandlers {
  frame(frame: Frame): void
  /** The server answered `hello`: for a new session, a resumed one, or a fresh start. */
  greeted(answer: Greeting): void
  lost(): void
  reconnecting(detail: Reconnecting): void
  /** The connection has ended for good. The error is the server's rejection, if there is one. */
  closed(detail: CloseDetail, error?: Error): void
}

export interface ConnectionOptions extends ConnectionHandlers {
  url: string
  Socket: WebSocketConstructor
  reconnect: boolean
  /** Whether the app can provide a new token after the current one has expired. */
  renewable: boolean
  /** Returns the body of each `hello`, without `resume`. */
  hello(): Promise<RequestBodies['hello']>
  timing: Timing
}
