import t from 'tap'
import { attributeOf, maxMessageSize } from '../../../src/peer/link/session-description.ts'

const description = (...lines: string[]) =>
  ({ type: 'offer', sdp: ['v=0', ...lines, ''].join('\r\n') }) as RTCSessionDescription

t.test('attributeOf returns the first attribute of a name', async (t) => {
  const two = description(
    'a=fingerprint:sha-256 AB',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'a=fingerprint:x',
  )
  t.equal(attributeOf(two, 'fingerprint'), 'sha-256 AB')
  t.equal(attributeOf(two, 'ice-ufrag'), undefined)
  t.equal(attributeOf(null, 'fingerprint'), undefined)
  t.equal(attributeOf(undefined, 'fingerprint'), undefined)
})

t.test('the maximum message size is that of the description, 64 KiB by default, unlimited for 0', async (t) => {
  t.equal(maxMessageSize(description('a=max-message-size:262144')), 262_144)
  t.equal(maxMessageSize(description('a=max-message-size:1000')), 1_000)
  t.equal(maxMessageSize(description()), 65_536)
  t.equal(maxMessageSize(null), 65_536)
  t.equal(maxMessageSize(description('a=max-message-size:0')), Number.POSITIVE_INFINITY)
  t.equal(maxMessageSize(description('a=max-message-size:-1')), 65_536)
  t.equal(maxMessageSize(description('a=max-message-size:many')), 65_536)
})
