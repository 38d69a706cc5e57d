import { createSimplePeer, type HoldingPeer, type Wrtc } from './simple-peer.ts'

/**
 * A connection that is made before its peer is known: while the server answers. Its offer is ready, and leaves as soon as
 * a link takes the connection.
 */
export class PreparedPeer {
  #peer: HoldingPeer | undefined

  /** @param rtc as for a link. The link sets its own ICE servers before anything is gathered */
  constructor(rtc: RTCConfiguration, wrtc: Wrtc | undefined) {
    try {
      const peer = createSimplePeer({ initiator: true, config: rtc, wrtc, objectMode: true })
      // simple-peer's `error` event without a listener is an uncaught exception.
      peer.on('error', () => this.close())
      peer.holdOffer()
      this.#peer = peer
    } catch {
      // The link makes the same calls and reports the error.
    }
  }

  /** Hands the connection over. @returns undefined if it has failed or was handed over before */
  take(): HoldingPeer | undefined {
    const peer = this.#peer
    this.#peer = undefined
    return peer?.destroyed ? undefined : peer
  }

  /** Closes the connection, unless it was handed over. */
  close(): void {
    this.take()?.destroy()
  }
}
