import t from 'tap'
import { readQuality } from '../../../src/peer/link/link-quality.ts'

const candidates = [
  { id: 'l1', type: 'local-candidate', candidateType: 'host' },
  { id: 'l2', type: 'local-candidate', candidateType: 'relay' },
  { id: 'r1', type: 'remote-candidate', candidateType: 'srflx' },
]
const pair = {
  id: 'p1',
  type: 'candidate-pair',
  localCandidateId: 'l1',
  remoteCandidateId: 'r1',
  currentRoundTripTime: 0.03,
  bytesSent: 1_000,
  bytesReceived: 2_000,
  requestsSent: 11,
  responsesReceived: 8,
}
const other = { ...pair, id: 'p2', localCandidateId: 'l2', nominated: true, state: 'succeeded', bytesSent: 5 }

t.test('the transport names the selected candidate pair, or the pair itself does', async (t) => {
  const direct = {
    roundTrip: 0.03,
    loss: 0.2,
    bytesSent: 1_000,
    bytesReceived: 2_000,
    localCandidate: 'host',
    remoteCandidate: 'srflx',
    relayed: false,
  }
  const transport = {
    id: 't',
    type: 'transport',
    selectedCandidatePairId: 'p1',
    bytesSent: 7_000,
    bytesReceived: 8_000,
  }
  t.strictSame(readQuality([...candidates, other, pair, transport]), {
    ...direct,
    bytesSent: 7_000,
    bytesReceived: 8_000,
  })
  t.strictSame(readQuality([...candidates, other, { ...pair, selected: true }]), direct)
  t.match(readQuality([...candidates, pair, other]), { localCandidate: 'relay', relayed: true, bytesSent: 5 })
})

t.test('loss is that of audio and video if there are any', async (t) => {
  const media = [
    { id: 'a', type: 'inbound-rtp', packetsReceived: 90, packetsLost: 10 },
    { id: 'b', type: 'remote-inbound-rtp', packetsReceived: 100, packetsLost: -3 },
  ]
  t.equal(readQuality([...candidates, other, ...media]).loss, 0.05)
  t.equal(readQuality([...candidates, { ...other, requestsSent: 9, responsesReceived: 8 }]).loss, 0)
})

t.test('without a candidate pair no figures are invented', async (t) => {
  t.strictSame(readQuality(candidates), {
    roundTrip: undefined,
    loss: undefined,
    bytesSent: 0,
    bytesReceived: 0,
    localCandidate: undefined,
    remoteCandidate: undefined,
    relayed: false,
  })
})
