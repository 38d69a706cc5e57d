/// <reference path="./simple-peer.d.ts" />
import SimplePeer from 'simple-peer/simplepeer.min.js'
import { endSafely } from '../runtime/mod.ts'
import { closeQuietly, PeerError } from '../shared/mod.ts'

/** WebRTC outside browsers, such as `@roamhq/wrtc`. */
export interface Wrtc {
  /** The class RTCPeerConnection (W3C WebRTC), or one with the same members. */
  RTCPeerConnection: unknown
  /** The class RTCSessionDescription (W3C WebRTC). */
  RTCSessionDescription: unknown
  /** The class RTCIceCandidate (W3C WebRTC). */
  RTCIceCandidate: unknown
}

/** @returns the app's RTCPeerConnection, else the platform's; undefined if there is none */
export const peerConnectionOf = (wrtc: Wrtc | undefined): typeof RTCPeerConnection | undefined =>
  (wrtc?.RTCPeerConnection ?? globalThis.RTCPeerConnection) as typeof RTCPeerConnection | undefined

/** A signal that simple-peer emits and accepts (its documentation, `peer.on('signal')`). */
export type SimpleSignal =
  | { type: 'offer' | 'answer'; sdp: string }
  | { type: 'candidate'; candidate: { candidate: string; sdpMid: string | null; sdpMLineIndex: number | null } }
  | { type: 'renegotiate'; renegotiate: true }
  | {
      type: 'transceiverRequest'
      transceiverRequest: { kind: 'audio' | 'video'; init?: { direction: RTCRtpTransceiverDirection } }
    }

/** The used part of simple-peer 9.11. simple-peer's own declarations would need the types of Node. */
export interface SimplePeerInstance {
  readonly destroyed: boolean
  /** Number of received messages that no listener has read yet (Node's stream.Readable). */
  readonly readableLength: number
  /** Undocumented: the data channel. simple-peer itself exposes neither its events nor its buffered amount. */
  readonly _channel: RTCDataChannel | null
  /** Undocumented: the RTCPeerConnection; null once the peer is destroyed. */
  readonly _pc: RTCPeerConnection | null
  readonly _wrtc: Wrtc
  on(event: 'connect' | 'close', listener: () => void): this
  on(event: 'signal', listener: (signal: SimpleSignal) => void): this
  on(event: 'data', listener: (data: Uint8Array | string) => void): this
  on(event: 'track', listener: (track: MediaStreamTrack, stream: MediaStream) => void): this
  on(event: 'error', listener: (error: Error) => void): this
  /** A candidate of the other peer could not be used. */
  on(event: 'unusable', listener: () => void): this
  emit(event: 'unusable'): boolean
  emit(event: 'signal', signal: SimpleSignal): boolean
  signal(signal: SimpleSignal): void
  send(bytes: Uint8Array): void
  addTrack(track: MediaStreamTrack, stream: MediaStream): void
  removeTrack(track: MediaStreamTrack, stream: MediaStream): void
  /** On the initiator: creates another offer. */
  negotiate(): void
  destroy(): void
}

export interface SimplePeerOptions {
  initiator: boolean
  config: RTCConfiguration
  wrtc: Wrtc | undefined
  /** Keeps message boundaries, and keeps strings as strings. */
  objectMode: true
  /** The initiator sends its first offer when this has resolved. @default as soon as the offer exists */
  taken?: Promise<void>
}

/** Methods that simple-peer itself calls from timers, promises and events. */
interface Internals extends SimplePeerInstance {
  _createOffer(): void
  _addIceCandidate(candidate: RTCIceCandidateInit): void
  _onSignalingStateChange(): void
  _startIceCompleteTimeout(): void
  getStats(callback: (error: unknown, reports?: unknown[]) => void): void
  destroy(cause?: unknown): void
}

const Base = SimplePeer as {
  new (options: SimplePeerOptions): Internals
  /** Defaults for `options.config`. */
  readonly config: RTCConfiguration
}

/**
 * A WebRTC call throws if the connection closed after its state was read: `@roamhq/wrtc` closes connections on another
 * thread. simple-peer makes such calls from timers and events, where no caller could catch the error. This class
 * catches it there and destroys the peer.
 */
class GuardedPeer extends Base {
  /** Undefined once the first offer is created. */
  #taken: Promise<void> | undefined

  constructor(options: SimplePeerOptions) {
    super(options)
    this.#taken = options.taken
  }

  override _createOffer(): void {
    const taken = this.#taken
    this.#taken = undefined
    if (taken === undefined) this.#orDestroy(() => super._createOffer())
    else void this.#offerAfter(taken)
  }

  /** Sends the offer before it is set: waiting for that would cost a turn. Candidates come only after both. */
  async #offerAfter(taken: Promise<void>): Promise<void> {
    try {
      const connection = this._pc as RTCPeerConnection
      const { sdp = '' } = await connection.createOffer()
      await taken
      if (this.destroyed) return
      this.emit('signal', { type: 'offer', sdp })
      await connection.setLocalDescription({ type: 'offer', sdp })
    } catch (cause) {
      this.destroy(cause)
    }
  }

  /** simple-peer calls this in a later microtask. The peer may be destroyed by then. */
  override negotiate(): void {
    if (!this.destroyed) super.negotiate()
  }

  override _onSignalingStateChange(): void {
    this.#orDestroy(() => super._onSignalingStateChange())
  }

  /**
   * simple-peer looks for the addresses of the selected candidates, which nobody reads. The real statistics take
   * milliseconds, while the first samples travel.
   */
  override getStats(callback: (error: unknown, reports?: unknown[]) => void): void {
    callback(null, [{ type: 'candidate-pair', selected: true }])
  }

  /** simple-peer would emit events that nobody reads. Its timer would keep a program alive for 5 s. */
  override _startIceCompleteTimeout(): void {}

  /** An unusable candidate must not close a connection that other candidates may open. */
  override _addIceCandidate(candidate: RTCIceCandidateInit): void {
    const unusable = () => this.emit('unusable')
    try {
      const { RTCIceCandidate: Candidate } = this._wrtc as { RTCIceCandidate: typeof RTCIceCandidate }
      this._pc?.addIceCandidate(new Candidate(candidate)).catch(unusable)
    } catch {
      unusable()
    }
  }

  #orDestroy(call: () => void): void {
    try {
      call()
    } catch (cause) {
      this.destroy(cause)
    }
  }
}

/**
 * Creates a simple-peer instance on an RTCPeerConnection.
 *
 * @throws PeerError `link-failed` if there is no WebRTC
 * @throws the platform's own error, such as Chromium's beyond about 500 connections in a page
 */
export function createSimplePeer(options: SimplePeerOptions): SimplePeerInstance {
  const Native = peerConnectionOf(options.wrtc)
  if (Native === undefined) {
    throw new PeerError('link-failed', 'Cannot open a link: this platform has no WebRTC. Pass wrtc to connect()')
  }
  // Created here, so that it can be closed if simple-peer's constructor throws.
  const native = new Native({ ...Base.config, ...options.config })
  if (options.wrtc !== undefined) endSafely()
  const connection = options.wrtc === undefined ? native : withKeptDescriptions(native)
  const { RTCSessionDescription, RTCIceCandidate } = (options.wrtc ?? globalThis) as Wrtc
  function Created(): RTCPeerConnection {
    return connection
  }
  try {
    return new GuardedPeer({ ...options, wrtc: { RTCPeerConnection: Created, RTCSessionDescription, RTCIceCandidate } })
  } catch (cause) {
    closeQuietly(native)
    throw cause
  }
}

/**
 * `@roamhq/wrtc` serializes a description on each read, while its own thread adds candidates to it. That occasionally
 * crashes the process (a segmentation fault in `SdpSerialize`). So this wrapper returns descriptions as they were set,
 * without later candidates. It is a Proxy because the native properties cannot be redefined.
 */
function withKeptDescriptions(connection: RTCPeerConnection): RTCPeerConnection {
  let [local, remote]: (RTCSessionDescriptionInit | null)[] = [null, null]
  const kept = {
    get localDescription() {
      return local
    },
    get remoteDescription() {
      return remote
    },
    async setLocalDescription(description: RTCSessionDescriptionInit) {
      await connection.setLocalDescription(description)
      local = description
    },
    async setRemoteDescription(description: RTCSessionDescriptionInit) {
      await connection.setRemoteDescription(description)
      remote = description
    },
  }
  return new Proxy(connection, {
    get(target, property) {
      if (Object.hasOwn(kept, property)) return Reflect.get(kept, property)
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, property, value) => Reflect.set(target, property, value),
  })
}

/**
 * Creates one more channel, unordered and without retransmission. Both sides create it with the same id right after the
 * peer. A channel that is not negotiated this way would replace the other peer's main channel.
 *
 * @param message called with each message; a text message, which is never valid here, arrives as an empty array
 */
export function createSideChannel(
  peer: SimplePeerInstance,
  label: string,
  id: number,
  message: (data: Uint8Array) => void,
): RTCDataChannel {
  const connection = peer._pc as RTCPeerConnection
  const channel = connection.createDataChannel(label, { negotiated: true, id, ordered: false, maxRetransmits: 0 })
  channel.binaryType = 'arraybuffer'
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) =>
    message(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0)),
  )
  return channel
}
