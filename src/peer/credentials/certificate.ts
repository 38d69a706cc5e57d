import { peerConnectionOf, type Wrtc } from '../link/mod.ts'

/**
 * Creates one certificate for all links of a membership (W3C WebRTC, `generateCertificate`). Other peers use it to
 * recognize this user on another link, under another id, because nobody else has its key.
 *
 * @returns an empty list if the platform cannot create certificates; peers then cannot recognize this user
 */
export async function certificates(wrtc: Wrtc | undefined): Promise<RTCCertificate[]> {
  const connection = peerConnectionOf(wrtc)
  if (typeof connection?.generateCertificate !== 'function') return []
  return [await connection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as EcKeyGenParams)]
}

/**
 * Removes certificates that have expired by the system time, because RTCPeerConnection rejects these. Without a
 * certificate it creates its own.
 */
export function withoutExpired(rtc: RTCConfiguration): RTCConfiguration {
  const { certificates = [], ...others } = rtc
  const valid = certificates.filter(({ expires }) => expires > Date.now())
  return valid.length === 0 ? others : { ...others, certificates: valid }
}
