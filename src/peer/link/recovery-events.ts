/** Why a link needs recovery. */
export type RecoveryCause =
  /** No candidate pair works at the moment (RFC 8445; W3C WebRTC, `disconnected`). */
  | 'disconnected'
  /** The RTCPeerConnection failed or was closed. */
  | 'failed'
  /** The link did not connect in time. */
  | 'timeout'
  /** The other peer requested a new link, or offered one. */
  | 'asked'
  /** The app called `session.interrupt()`. */
  | 'interrupted'
  /** One of the two peers got a new id, and the link was not kept. */
  | 'moved'

/** `restart`: ICE restart on the same link; `relay`: new link over TURN only; `rebuild`: new link over any route. */
export type RecoveryStep = 'restart' | 'relay' | 'rebuild'

/** A step that is about to restore a lost link. */
export interface Recovering {
  /** Why the link needs recovery. */
  cause: RecoveryCause
  /** The step that the link takes next. */
  step: RecoveryStep
  /** From 1, since the link was last stable. ICE restarts, new links and the other peer's offers count separately. */
  attempt: number
  /** Seconds until the step starts; Infinity while it waits for the server to announce the peer again. */
  delay: number
}

/** A link that works again. */
export interface Recovered {
  /** Seconds since the link was lost. */
  seconds: number
  /** The step that restored the link. */
  step: RecoveryStep
}
