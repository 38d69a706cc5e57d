import { peerConnectionOf, type Wrtc } from './simple-peer.ts'

/**
 * A certificate for all links of one membership (W3C WebRTC, `generateCertificate`), by which others know who comes
 * back over another link, under another id: nobody else has its key.
 *
 * @returns none where the platform makes none; its links are then strangers to those before
 */
export async function certificates(wrtc: Wrtc | undefined): Promise<RTCCertificate[]> {
  const connection = peerConnectionOf(wrtc)
  if (typeof connection?.generateCertificate !== 'function') return []
  return [await connection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as EcKeyGenParams)]
}

/** A connection cannot be made with a certificate that has expired: it then gets one of its own. */
export function withoutExpired(rtc: RTCConfiguration): RTCConfiguration {
  const { certificates = [], ...others } = rtc
  const valid = certificates.filter(({ expires }) => expires > Date.now())
  return valid.length === 0 ? others : { ...others, certificates: valid }
}
