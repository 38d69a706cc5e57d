/// <reference path="./simple-peer.d.ts" />
import SimplePeer from 'simple-peer/simplepeer.min.js'
import { closeQuietly, PeerError } from '../shared/mod.ts'

/** WebRTC outside of browsers, such as `@roamhq/wrtc`. */
export interface Wrtc {
  RTCPeerConnection: unknown
  RTCSessionDescription: unknown
  RTCIceCandidate: unknown
}

/** The RTCPeerConnection of a browser, or the one that an app gives; undefined where there is none. */
export const peerConnectionOf = (wrtc: Wrtc | undefined): typeof RTCPeerConnection | undefined =>
  (wrtc?.RTCPeerConnection ?? globalThis.RTCPeerConnection) as typeof RTCPeerConnection | undefined

/** What simple-peer says and takes (its documentation, `peer.on('signal')`). */
export type SimpleSignal =
  | { type: 'offer' | 'answer'; sdp: string }
  | { type: 'candidate'; candidate: { candidate: string; sdpMid: string | null; sdpMLineIndex: number | null } }
  | { type: 'renegotiate'; renegotiate: true }
  | {
      type: 'transceiverRequest'
      transceiverRequest: { kind: 'audio' | 'video'; init?: { direction: RTCRtpTransceiverDirection } }
    }

/** The part of simple-peer 9.11 that is used, without the types of Node that its own declarations need. */
export interface SimplePeerInstance {
  readonly destroyed: boolean
  /** Messages that came and were not given to a listener yet (Node's stream.Readable). */
  readonly readableLength: number
  /** Undocumented: its data channel, whose events and buffered amount it does not pass on. */
  readonly _channel: RTCDataChannel | null
  /** Undocumented: null once it is destroyed. */
  readonly _pc: RTCPeerConnection | null
  readonly _wrtc: Wrtc
  on(event: 'connect' | 'close', listener: () => void): this
  on(event: 'signal', listener: (signal: SimpleSignal) => void): this
  on(event: 'data', listener: (data: Uint8Array | string) => void): this
  on(event: 'track', listener: (track: MediaStreamTrack, stream: MediaStream) => void): this
  on(event: 'error', listener: (error: Error) => void): this
  /** A candidate of the other side could not be used. */
  on(event: 'unusable', listener: () => void): this
  emit(event: 'unusable'): boolean
  signal(signal: SimpleSignal): void
  send(bytes: Uint8Array): void
  addTrack(track: MediaStreamTrack, stream: MediaStream): void
  removeTrack(track: MediaStreamTrack, stream: MediaStream): void
  /** Of the initiator: makes another offer. */
  negotiate(): void
  destroy(): void
}

export interface SimplePeerOptions {
  initiator: boolean
  config: RTCConfiguration
  wrtc: Wrtc | undefined
  /** Keeps messages apart, and strings strings. */
  objectMode: true
}

/** What simple-peer calls by itself: from timers, promises and events. */
interface Internals extends SimplePeerInstance {
  _createOffer(): void
  _addIceCandidate(candidate: RTCIceCandidateInit): void
  _onSignalingStateChange(): void
  getStats(callback: (error: unknown, reports?: unknown[]) => void): void
  destroy(cause?: unknown): void
}

const Base = SimplePeer as {
  new (options: SimplePeerOptions): Internals
  /** What connections are configured with, where `options.config` does not say. */
  readonly config: RTCConfiguration
}

/**
 * A call into WebRTC throws where the connection has closed since its state was read: `@roamhq/wrtc` closes it on
 * another thread. Where simple-peer makes such a call from a timer or an event, nobody could catch what it throws, so
 * here it destroys the peer.
 */
class GuardedPeer extends Base {
  override _createOffer(): void {
    this.#orDestroy(() => super._createOffer())
  }

  /** It is called in a microtask of its own, before which the peer may have been destroyed. */
  override negotiate(): void {
    if (!this.destroyed) super.negotiate()
  }

  override _onSignalingStateChange(): void {
    this.#orDestroy(() => super._onSignalingStateChange())
  }

  override getStats(callback: (error: unknown, reports?: unknown[]) => void): void {
    try {
      super.getStats(callback)
    } catch (error) {
      callback(error)
    }
  }

  /** A candidate that cannot be used must not end a connection that others may open. */
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
 * @throws whatever the platform throws, as Chromium does past some 500 connections a page; PeerError `link-failed` where
 *   there is no WebRTC
 */
export function createSimplePeer(options: SimplePeerOptions): SimplePeerInstance {
  const Native = peerConnectionOf(options.wrtc)
  if (Native === undefined) {
    throw new PeerError('link-failed', 'Cannot open a link: there is no WebRTC here; give connect() the option wrtc')
  }
  // Made here, or simple-peer's constructor could throw and leave one open that nobody holds.
  const made = new Native({ ...Base.config, ...options.config })
  const connection = options.wrtc === undefined ? made : withKeptDescriptions(made)
  const { RTCSessionDescription, RTCIceCandidate } = (options.wrtc ?? globalThis) as Wrtc
  function Made(): RTCPeerConnection {
    return connection
  }
  try {
    return new GuardedPeer({ ...options, wrtc: { RTCPeerConnection: Made, RTCSessionDescription, RTCIceCandidate } })
  } catch (cause) {
    closeQuietly(made)
    throw cause
  }
}

/**
 * `@roamhq/wrtc` writes a description out while its own thread adds candidates to it, which now and then ends the process
 * (a segmentation fault in `SdpSerialize`). So nobody asks for it: descriptions are kept here as they were set, without
 * the candidates that came later. Its own properties cannot be redefined, which takes a Proxy.
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
 * One more channel, unordered and without retransmission. Both sides make it with the same id right after the peer: one
 * that is not negotiated that way would replace the other side's main channel.
 *
 * @param message takes each message; text, which is none of ours, as no bytes
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
