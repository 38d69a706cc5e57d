import { createSimplePeer, type SimplePeerInstance, type Wrtc } from './simple-peer.ts'

/** A connection for the first link of a room. It is created before the other peer is known, together with its offer. */
export class PreparedPeer {
  #peer: SimplePeerInstance | undefined
  #send: () => void = () => {}
  #closed = false

  /** Whether a link can take the connection. */
  get isReady(): boolean {
    return this.#peer?.destroyed === false
  }

  /** Creates the connection, unless `close` was called. If that fails, the link creates its own and reports the error. */
  open(rtc: RTCConfiguration, wrtc: Wrtc | undefined): void {
    if (this.#closed) return
    const taken = new Promise<void>((resolve) => {
      this.#send = resolve
    })
    try {
      this.#peer = createSimplePeer({ initiator: true, config: rtc, wrtc, objectMode: true, taken })
      // simple-peer's `error` event without a listener is an uncaught exception.
      this.#peer.on('error', () => {})
    } catch {
      this.#peer = undefined
    }
  }

  /**
   * Returns the connection, once. Its offer leaves in a microtask, so the caller must add its listeners at once.
   *
   * @param rtc the servers that are known now. Gathering starts with the offer, so the connection uses these
   * @returns undefined if no connection is ready
   */
  take({ iceServers }: RTCConfiguration): SimplePeerInstance | undefined {
    const peer = this.isReady ? this.#peer : undefined
    try {
      const connection = peer?._pc
      connection?.setConfiguration({ ...connection.getConfiguration(), iceServers })
    } catch {
      this.close()
      return undefined
    }
    this.#peer = undefined
    this.#send()
    return peer
  }

  /** Closes the connection, unless a link has taken it. */
  close(): void {
    this.#closed = true
    this.#peer?.destroy()
    this.#peer = undefined
  }
}
