import { isObject, type RelayName } from '../../protocol/both-ends.ts'
import type { SimpleSignal } from './simple-peer.ts'

/** Longest session description, in UTF-16 code units: about a hundred media sections. */
const MAX_SDP_LENGTH = 131_072
/** Longest candidate, in UTF-16 code units. */
const MAX_CANDIDATE_LENGTH = 1_024
/** Maximum number of candidates that wait for their description. Real ICE agents have a dozen. */
const MAX_EARLY_CANDIDATES = 64
/** Maximum number of transceivers that the other peer may request. */
const MAX_TRANSCEIVERS = 64

type Candidate = Extract<SimpleSignal, { type: 'candidate' }>

/**
 * Decides which signals of the other peer may reach simple-peer. simple-peer destroys itself on any signal that it
 * cannot use: a repeated answer, a candidate for a missing media section, an unknown type.
 */
export class SignalGuard {
  /** Number of rejected signals. */
  dropped = 0
  readonly #initiator: boolean
  /** On the initiator: an answer is pending. On the other peer: it must still answer. */
  #negotiating = false
  #remoteSdp = ''
  #early: Candidate[] = []
  #transceivers = 0

  constructor(initiator: boolean) {
    this.#initiator = initiator
  }

  /** Records a description that this side sends. */
  sent(signal: SimpleSignal): void {
    if (signal.type === 'offer') this.#negotiating = true
    if (signal.type === 'answer') this.#negotiating = false
  }

  /** @returns the signals for simple-peer, in order; never throws */
  receive(name: RelayName, body: unknown): SimpleSignal[] {
    const signals = isObject(body) ? this.#check(name, body) : undefined
    if (signals === undefined) this.dropped++
    return signals ?? []
  }

  #check(name: RelayName, body: Record<string, unknown>): SimpleSignal[] | undefined {
    if (name === 'offer' || name === 'answer') return this.#description(name, body)
    if (name === 'candidate') return this.#candidate(body)
    // Only the initiator creates offers, so only the initiator accepts these requests.
    if (name !== 'signal' || !this.#initiator) return undefined
    if (body.type === 'renegotiate') return [{ type: 'renegotiate', renegotiate: true }]
    if (body.type === 'transceiverRequest') return this.#transceiver(body.transceiverRequest)
    return undefined
  }

  #description(type: 'offer' | 'answer', { sdp, type: said }: Record<string, unknown>): SimpleSignal[] | undefined {
    const expected = this.#initiator ? 'answer' : 'offer'
    if (type !== expected || said !== type || this.#negotiating !== this.#initiator) return undefined
    if (typeof sdp !== 'string' || sdp.length > MAX_SDP_LENGTH || sdp === this.#remoteSdp) return undefined
    // A description starts with its version (RFC 8866, section 5). In WebRTC it has a media section (RFC 8829).
    if (!sdp.startsWith('v=0') || !/^m=/m.test(sdp)) return undefined
    this.#remoteSdp = sdp
    this.#negotiating = !this.#initiator
    const early = this.#early.filter((candidate) => this.#belongs(candidate))
    this.dropped += this.#early.length - early.length
    this.#early = []
    return [{ type, sdp }, ...early]
  }

  #candidate({ candidate, sdpMid, sdpMLineIndex }: Record<string, unknown>): SimpleSignal[] | undefined {
    if (typeof candidate !== 'string' || candidate.length > MAX_CANDIDATE_LENGTH) return undefined
    // End of candidates (W3C WebRTC, RTCIceCandidate): valid, but simple-peer does not need it.
    if (candidate === '') return []
    const mid = sdpMid ?? null
    const index = sdpMLineIndex ?? null
    if ((mid !== null && typeof mid !== 'string') || (index !== null && !Number.isSafeInteger(index))) return undefined
    if (mid === null && index === null) return undefined
    const signal: Candidate = {
      type: 'candidate',
      candidate: { candidate, sdpMid: mid, sdpMLineIndex: index as number | null },
    }
    if (this.#remoteSdp !== '') return this.#belongs(signal) ? [signal] : undefined
    if (this.#early.length >= MAX_EARLY_CANDIDATES) return undefined
    this.#early.push(signal)
    return []
  }

  /** Whether the description has the candidate's media section, and its user fragment if the candidate has one. */
  #belongs({ candidate: { candidate, sdpMid, sdpMLineIndex } }: Candidate): boolean {
    const lines = this.#remoteSdp.split(/\r?\n/)
    const fragment = /\sufrag (\S+)/.exec(candidate)?.[1]
    if (fragment !== undefined && !lines.includes(`a=ice-ufrag:${fragment}`)) return false
    if (sdpMid !== null) return lines.includes(`a=mid:${sdpMid}`)
    const index = sdpMLineIndex as number
    return index >= 0 && index < lines.filter((line) => line.startsWith('m=')).length
  }

  #transceiver(request: unknown): SimpleSignal[] | undefined {
    if (!isObject(request) || this.#transceivers >= MAX_TRANSCEIVERS) return undefined
    const { kind } = request
    if (kind !== 'audio' && kind !== 'video') return undefined
    this.#transceivers++
    // It only receives, whatever the request says, until this side adds a track to it. If it could send already, its
    // offer would name no stream, a later offer would not change that (RFC 8829, section 5.2.2), and the other peer
    // would never get the stream of that track.
    return [{ type: 'transceiverRequest', transceiverRequest: { kind, init: { direction: 'recvonly' } } }]
  }
}

/**
 * Converts a signal to an op and a body. The body is flat, so that a plain RTCPeerConnection can use it too.
 *
 * @param link the server's number of the pair
 * @param attempt the number of the pair's link, from 0. The body omits 0. @default 0
 */
export function toWire(
  signal: SimpleSignal,
  link: number,
  attempt: number = 0,
): { name: RelayName; body: Record<string, unknown> } {
  const position = attempt === 0 ? { link } : { link, attempt }
  if (signal.type === 'offer' || signal.type === 'answer')
    return { name: signal.type, body: { ...signal, ...position } }
  if (signal.type === 'candidate') return { name: 'candidate', body: { ...signal.candidate, ...position } }
  return { name: 'signal', body: { ...signal, ...position } }
}
