/// <reference path="./simple-peer.d.ts" />
import SimplePeer from 'simple-peer/simplepeer.min.js'

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
  on(event: 'connect' | 'close', listener: () => void): this
  on(event: 'signal', listener: (signal: SimpleSignal) => void): this
  on(event: 'data', listener: (data: Uint8Array | string) => void): this
  on(event: 'track', listener: (track: MediaStreamTrack, stream: MediaStream) => void): this
  on(event: 'error', listener: (error: Error) => void): this
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

export const createSimplePeer = (options: SimplePeerOptions): SimplePeerInstance =>
  new (SimplePeer as new (options: SimplePeerOptions) => SimplePeerInstance)(options)

/**
 * One more channel, unordered and without retransmission. Both sides make it with the same id right after the peer: one
 * that is not negotiated that way would replace the other side's main channel.
 */
export function createSideChannel(peer: SimplePeerInstance, label: string, id: number): RTCDataChannel {
  const connection = peer._pc as RTCPeerConnection
  const channel = connection.createDataChannel(label, { negotiated: true, id, ordered: false, maxRetransmits: 0 })
  channel.binaryType = 'arraybuffer'
  return channel
}
