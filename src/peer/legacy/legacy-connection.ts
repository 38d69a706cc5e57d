import type { RelayName } from '../../protocol/mod.ts'
import { peerConnectionOf, refusalOf, reportOf, SignalGuard, type Wrtc } from '../link/mod.ts'
import { afterSeconds, closeQuietly } from '../shared/mod.ts'

export interface LegacyConnectionOptions {
  initiator: boolean
  rtc: RTCConfiguration
  wrtc: Wrtc | undefined
  describe(description: { type: 'offer' | 'answer'; sdp: string }): void
  /** The other side has opened one. */
  channel(channel: RTCDataChannel): void
  connected(): void
  /** It will carry nothing more; the error says why another would be no better. */
  failed(error?: Error): void
}

/** How long descriptions wait for candidates, in seconds: the other side would give ours to the wrong connection. */
const GATHERING = 2
/** The number of a channel that the other side does not know of: it makes an offer have one (RFC 8841) without a track. */
const CARRIER = 1_000

/** One RTCPeerConnection to a client before version 1, which makes one for each offer, its own or another's. */
export class LegacyConnection {
  readonly #options: LegacyConnectionOptions
  readonly #guard: SignalGuard
  readonly #connection: RTCPeerConnection
  #closed = false

  /** @throws what the platform throws that makes no connection */
  constructor(options: LegacyConnectionOptions) {
    const { initiator, rtc, wrtc } = options
    this.#options = options
    this.#guard = new SignalGuard(initiator)
    const connection = new (peerConnectionOf(wrtc) as typeof RTCPeerConnection)(rtc)
    this.#connection = connection
    connection.addEventListener('datachannel', ({ channel }) => options.channel(channel))
    connection.addEventListener('iceconnectionstatechange', () => {
      const { iceConnectionState: state } = connection
      if (this.#closed) return
      if (state === 'connected' || state === 'completed') options.connected()
      if (state === 'failed') options.failed()
    })
    if (!initiator) return
    try {
      connection.createDataChannel('', { negotiated: true, id: CARRIER })
    } catch (cause) {
      this.close()
      throw cause
    }
    void this.#describe('offer')
  }

  /** Signals that could not be used. */
  get dropped(): number {
    return this.#guard.dropped
  }

  receive(name: RelayName, body: unknown): void {
    for (const signal of this.#guard.receive(name, body)) {
      if (signal.type === 'offer' || signal.type === 'answer') void this.#apply(signal as RTCSessionDescriptionInit)
      else if (signal.type === 'candidate') void this.#addCandidate(signal.candidate)
    }
  }

  /** @returns undefined where the connection is closing */
  open(label: string): RTCDataChannel | undefined {
    try {
      return this.#connection.createDataChannel(label)
    } catch {
      this.#fail()
      return undefined
    }
  }

  /** @returns undefined where the connection is closing */
  stats(): Promise<RTCStatsReport | undefined> {
    return reportOf(this.#connection)
  }

  close(): void {
    this.#closed = true
    closeQuietly(this.#connection)
  }

  /** One that cannot be used is as good as none. */
  async #addCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    try {
      await this.#connection.addIceCandidate(candidate)
    } catch {
      this.#guard.dropped++
    }
  }

  async #apply(description: RTCSessionDescriptionInit): Promise<void> {
    try {
      await this.#connection.setRemoteDescription(description)
    } catch (cause) {
      this.#fail(refusalOf(cause as Error))
      return
    }
    if (description.type === 'offer') await this.#describe('answer')
  }

  async #describe(type: 'offer' | 'answer'): Promise<void> {
    const connection = this.#connection
    try {
      await connection.setLocalDescription(
        await (type === 'offer' ? connection.createOffer() : connection.createAnswer()),
      )
      await this.#gathered()
      if (this.#closed) return
      const { sdp } = connection.localDescription as RTCSessionDescription
      this.#guard.sent({ type, sdp })
      this.#options.describe({ type, sdp })
    } catch {
      this.#fail()
    }
  }

  #gathered(): Promise<void> {
    const connection = this.#connection
    return new Promise((resolve) => {
      const cancel = afterSeconds(GATHERING, () => resolve())
      const look = () => {
        if (connection.iceGatheringState !== 'complete') return
        cancel()
        resolve()
      }
      connection.addEventListener('icegatheringstatechange', look)
      look()
    })
  }

  /** In a turn of its own: whoever opens a channel is in the middle of something. */
  #fail(error?: Error): void {
    queueMicrotask(() => {
      if (!this.#closed) this.#options.failed(error)
    })
  }
}
