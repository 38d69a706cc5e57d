import fc from 'fast-check'
import t from 'tap'
import { SignalGuard, toWire } from '../../../src/peer/link/signal-guard.ts'
import type { RelayName } from '../../../src/protocol/mod.ts'

const sdp = 'v=0\r\na=ice-ufrag:abcd\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\n'
const offer = { type: 'offer', sdp, link: 1 }
const answer = { type: 'answer', sdp, link: 1 }
const candidate = { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0, link: 1 }

const initiator = () => {
  const guard = new SignalGuard(true)
  guard.sent({ type: 'offer', sdp: 'mine' })
  return guard
}

t.test('the answering side accepts one offer at a time', async (t) => {
  const guard = new SignalGuard(false)
  t.strictSame(guard.receive('offer', offer), [{ type: 'offer', sdp }])
  const next = { ...offer, sdp: `${sdp}a=x\r\n` }
  t.strictSame(guard.receive('offer', next), [], 'before its answer')
  guard.sent({ type: 'answer', sdp: 'mine' })
  t.strictSame(guard.receive('offer', offer), [], 'a repeated offer')
  t.strictSame(guard.receive('offer', next), [{ type: 'offer', sdp: next.sdp }])
  t.strictSame(guard.receive('answer', answer), [])
  t.equal(guard.dropped, 3)
})

t.test('the offering side accepts one answer to each offer, and no offer', async (t) => {
  const early = new SignalGuard(true)
  t.strictSame(early.receive('answer', answer), [], 'before there is an offer')
  const guard = initiator()
  t.strictSame(guard.receive('offer', offer), [])
  t.strictSame(guard.receive('answer', answer), [{ type: 'answer', sdp }])
  t.strictSame(guard.receive('answer', { ...answer, sdp: `${sdp}a=x\r\n` }), [])
  t.equal(guard.dropped, 2)
})

t.test('candidates wait for their description, and must belong to it', async (t) => {
  const guard = initiator()
  t.strictSame(guard.receive('candidate', candidate), [])
  t.strictSame(guard.receive('candidate', { ...candidate, sdpMid: '7' }), [])
  t.equal(guard.dropped, 0)
  const { link: _, ...plain } = candidate
  t.strictSame(guard.receive('answer', answer), [
    { type: 'answer', sdp },
    { type: 'candidate', candidate: plain },
  ])
  t.equal(guard.dropped, 1)
  t.equal(guard.receive('candidate', { ...candidate, candidate: `${candidate.candidate} ufrag abcd` }).length, 1)
  t.equal(guard.receive('candidate', { ...candidate, sdpMid: null }).length, 1)
  t.strictSame(guard.receive('candidate', { ...candidate, candidate: '' }), [], 'end of candidates')
  t.equal(guard.dropped, 1)
  const junk = [
    { ...candidate, sdpMid: '7' },
    { ...candidate, sdpMid: null, sdpMLineIndex: 1 },
    { ...candidate, sdpMid: null, sdpMLineIndex: null },
    { ...candidate, sdpMid: 0 },
    { ...candidate, candidate: `${candidate.candidate} ufrag other` },
    { ...candidate, candidate: 'x'.repeat(2_000) },
    { ...candidate, candidate: { candidate: 'x' } },
  ]
  for (const body of junk) t.strictSame(guard.receive('candidate', body), [], JSON.stringify(body).slice(0, 80))
  t.equal(guard.dropped, 1 + junk.length)
})

t.test('the number of early candidates is limited', async (t) => {
  const guard = initiator()
  for (let i = 0; i < 100; i++) guard.receive('candidate', candidate)
  t.equal(guard.receive('answer', answer).length, 65)
  t.equal(guard.dropped, 36)
})

t.test('only the offering side accepts requests to renegotiate', async (t) => {
  const renegotiate = { type: 'renegotiate', renegotiate: true, link: 1 }
  const request = { type: 'transceiverRequest', transceiverRequest: { kind: 'video', init: { direction: 'recvonly' } } }
  const guard = initiator()
  t.strictSame(guard.receive('signal', renegotiate), [{ type: 'renegotiate', renegotiate: true }])
  t.strictSame(guard.receive('signal', request), [request])
  for (const init of [undefined, { sendEncodings: 1 }, { direction: 'sendrecv' }]) {
    const other = { ...request, transceiverRequest: { kind: 'video', init } }
    t.strictSame(guard.receive('signal', other), [request], 'it only receives')
  }
  t.strictSame(guard.receive('signal', { ...request, transceiverRequest: { kind: 'text' } }), [])
  t.strictSame(guard.receive('signal', { type: 'rollback' }), [])
  t.strictSame(guard.receive('data', request), [])
  const other = new SignalGuard(false)
  t.strictSame(other.receive('signal', renegotiate), [])
  t.strictSame(other.receive('signal', request), [])
  for (let i = 0; i < 100; i++) guard.receive('signal', request)
  t.strictSame(guard.receive('signal', request), [])
})

t.test('random signals never throw and never pass unchanged', async (t) => {
  const names = fc.constantFrom<RelayName>('offer', 'answer', 'candidate', 'signal', 'data')
  const field = fc.oneof(fc.anything(), fc.constantFrom('offer', 'answer', 'v=0', 'renegotiate', 'candidate'))
  const record = fc.record({ type: field, sdp: field, candidate: field, sdpMid: field, sdpMLineIndex: field })
  fc.assert(
    fc.property(fc.boolean(), fc.array(fc.tuple(names, fc.oneof(fc.anything(), record))), (initiates, signals) => {
      const guard = initiates ? initiator() : new SignalGuard(false)
      for (const [name, body] of signals) {
        for (const signal of guard.receive(name, body))
          if (signal.type !== 'renegotiate') t.fail(JSON.stringify(signal))
      }
    }),
    { numRuns: 1_000 },
  )
})

t.test('toWire flattens signals', async (t) => {
  const { link, ...plain } = candidate
  t.strictSame(toWire({ type: 'offer', sdp }, 1), { name: 'offer', body: offer })
  t.strictSame(toWire({ type: 'candidate', candidate: plain }, link), { name: 'candidate', body: candidate })
  t.strictSame(toWire({ type: 'renegotiate', renegotiate: true }, 2), {
    name: 'signal',
    body: { type: 'renegotiate', renegotiate: true, link: 2 },
  })
})
