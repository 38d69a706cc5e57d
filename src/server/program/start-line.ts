import { isEveryInterface } from '../connections/hosts.ts'
import type { ServeOptions } from '../serve.ts'

/** Shortest secret for HS256, in bytes (RFC 7518, section 3.2). */
const SECRET_BYTES = 32

/** Returns the line that the program prints once it listens: the URL, and warnings for the operator. */
export function startLine(url: string, options: ServeOptions): string {
  const { tokens, turn, iceServers, iceServersFile, host, publicUrls } = options
  const notes: string[] = []
  if (tokens === undefined) notes.push('open to everybody who reaches it (--jwt-secret, --jwks)')
  else if (tokens.secret !== undefined && new TextEncoder().encode(tokens.secret).length < SECRET_BYTES) {
    notes.push(`the secret for tokens has less than ${SECRET_BYTES} bytes and can be guessed`)
  }
  if (isEveryInterface(host) && publicUrls === undefined) {
    notes.push('reachable by IP address and localhost, and by no other name (--public-url)')
  }
  if (turn === undefined && iceServersFile === undefined) {
    const missing = iceServers === undefined ? 'STUN and TURN' : 'TURN'
    notes.push(`without ${missing}, which peers need across the internet (--turn-url)`)
  }
  const line = `datastreams-webrtc listening on ${url}`
  return notes.length === 0 ? line : `${line} (${notes.join('; ')})`
}
