import type { RelayName } from '../../protocol/both-ends.ts'
import {
  afterSeconds,
  closeQuietly,
  descriptionError,
  peerConnectionOf,
  reportOf,
  SignalGuard,
} from '../internal/mod.ts'
import type { Wrtc } from '../link/mod.ts'

export interface LegacyConnectionOptions {
  initiator: boolean
  rtc: RTCConfiguration
  wrtc: Wrtc | undefined
  describe(description: { type: 'offer' | 'answer'; sdp: string }): void
  /** The other peer opened a channel. */
  channel(channel: RTCDataChannel): void
  connected(): void
  /** The connection failed. `error` is set if another one would fail too. */
  failed(error?: Error): void
}

/** Seconds to wait for candidates, because an old client would add later ones to the wrong connection. */
const GATHERING = 2
/** Id of a channel that only this side opens. It puts a data channel (RFC 8841) into an offer without tracks. */
const CARRIER = 1_000

/** One RTCPeerConnection to a client before version 1. Such a client creates one for each offer, sent or received. */
export class LegacyConnection {
  readonly #options: LegacyConnectionOptions
  readonly #guard: SignalGuard
  readonly #connection: RTCPeerConnection
  #closed = false

  /** @throws the platform's error if it cannot create a connection */
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

  /** Number of signals that could not be used. */
  get dropped(): number {
    return this.#guard.dropped
  }

  receive(name: RelayName, body: unknown): void {
    for (const signal of this.#guard.receive(name, body)) {
      if (signal.type === 'offer' || signal.type === 'answer') void this.#apply(signal as RTCSessionDescriptionInit)
      else if (signal.type === 'candidate') void this.#addCandidate(signal.candidate)
    }
  }

  /** @returns undefined if the connection is closing */
  open(label: string): RTCDataChannel | undefined {
    try {
      return this.#connection.createDataChannel(label)
    } catch {
      this.#fail()
      return undefined
    }
  }

  /** @returns undefined if the connection is closing */
  stats(): Promise<RTCStatsReport | undefined> {
    return reportOf(this.#connection)
  }

  close(): void {
    this.#closed = true
    closeQuietly(this.#connection)
  }

  /** Counts an unusable candidate and continues, because another candidate may work. */
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
      this.#fail(descriptionError(cause as Error))
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

  /** Notifies in a microtask, because the caller of `open` is in the middle of another operation. */
  #fail(error?: Error): void {
    queueMicrotask(() => {
      if (!this.#closed) this.#options.failed(error)
    })
  }
}
