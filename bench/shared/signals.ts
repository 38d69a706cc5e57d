/** Signals of realistic size: offers for a data channel, with candidates in them, and a single candidate. */

export type Signal = { type: string; sdp: string } | { type: string; candidate: object }

export const SIGNAL_NAMES = ['candidate, 200 B', 'offer, 600 B', 'offer, 1500 B'] as const
export type SignalName = (typeof SIGNAL_NAMES)[number]

/** Digits of the stamp by which a receiver identifies a signal. A real signal has a session's id in that place. */
export const STAMP_DIGITS = 10

const offerLines = (stamp: string): string[] => [
  'v=0',
  `o=- 461173${stamp} 2 IN IP4 127.0.0.1`,
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:8hTj',
  'a=ice-pwd:asd88fgpdd777uzjYhagZg3k',
  'a=ice-options:trickle',
  'a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:02:8E:A1:6C:9F:30:5B:77:D1:0E:44:2F',
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
]

/** The text of one candidate. An offer holds as many as fit; `filled` adds the remaining bytes. */
const candidateLine = (i: number): string =>
  `candidate:${1_000 + i} 1 udp 2122260223 192.0.2.${10 + (i % 90)} ${50_000 + i} typ srflx raddr 198.51.100.7 rport 60000 generation 0`

/**
 * @param stamp ten digits
 * @returns a signal whose JSON has the size in its name
 */
export function makeSignal(name: SignalName, stamp: string): Signal {
  if (name === 'candidate, 200 B') {
    const signal = (filling: string): Signal => ({
      type: 'candidate',
      candidate: {
        candidate: `candidate:${stamp} 1 udp 2122260223 192.0.2.10 54321 typ host generation 0 ufrag 8hTj${filling}`,
        sdpMLineIndex: 0,
        sdpMid: '0',
      },
    })
    return filled(signal, 200)
  }
  const size = name === 'offer, 600 B' ? 600 : 1_500
  const lines = offerLines(stamp)
  const signal = (filling: string): Signal => ({ type: 'offer', sdp: `${lines.join('\r\n')}\r\n${filling}` })
  for (let i = 0; bytesOf(signal('')) + bytesOf(candidateLine(i)) < size; i++) lines.push(`a=${candidateLine(i)}`)
  return filled(signal, size)
}

const bytesOf = (value: unknown): number => JSON.stringify(value).length

function filled(signal: (filling: string) => Signal, size: number): Signal {
  const missing = size - bytesOf(signal(''))
  if (missing < 0) throw new Error(`Cannot make a signal of ${size} bytes as it has ${-missing} more`)
  return signal('x'.repeat(missing))
}
