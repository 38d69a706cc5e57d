/** Quality of the link to a peer, from the statistics of its RTCPeerConnection. */
export interface LinkQuality {
  /** Round trip of the newest connectivity check, in seconds; undefined before the first one. */
  roundTrip: number | undefined
  /**
   * Lost fraction of packets, 0 to 1. With audio or video it counts RTP packets, because only RTP reports losses.
   * Otherwise it counts connectivity checks, one every few seconds. Undefined if neither is known.
   */
  loss: number | undefined
  /** Bytes that the link has sent so far, for any purpose. */
  bytesSent: number
  /** Bytes that the link has received so far, for any purpose. */
  bytesReceived: number
  /** Candidate type of this end: `host`, `srflx`, `prflx` or `relay` (RFC 8445); undefined without a candidate pair. */
  localCandidate: string | undefined
  /** Candidate type of the other end, in the same terms. */
  remoteCandidate: string | undefined
  /** Whether a TURN server relays the link. */
  relayed: boolean
}

interface Stats {
  id: string
  type: string
  [field: string]: unknown
}

/** @returns undefined if the connection is closed or closing, because it then has no statistics */
export async function reportOf(connection: RTCPeerConnection | null): Promise<RTCStatsReport | undefined> {
  try {
    return await connection?.getStats()
  } catch {
    return undefined
  }
}

/** @param report the values of an RTCStatsReport (W3C Identifiers for WebRTC's Statistics API) */
export function readQuality(report: Iterable<unknown>): LinkQuality {
  const all = new Map([...(report as Iterable<Stats>)].map((stats) => [stats.id, stats]))
  const transport = [...all.values()].find(({ type }) => type === 'transport')
  const pair = selectedPair(all, transport)
  const typeOf = (id: unknown): string | undefined => all.get(id as string)?.candidateType as string | undefined
  const [local, remote] = [typeOf(pair?.localCandidateId), typeOf(pair?.remoteCandidateId)]
  return {
    roundTrip: pair?.currentRoundTripTime as number | undefined,
    loss: mediaLoss(all.values()) ?? checkLoss(pair),
    bytesSent: countOf((transport ?? pair)?.bytesSent),
    bytesReceived: countOf((transport ?? pair)?.bytesReceived),
    localCandidate: local,
    remoteCandidate: remote,
    relayed: local === 'relay' || remote === 'relay',
  }
}

/** Firefox has no transport statistics. It marks the pair as `selected` instead. */
function selectedPair(all: Map<string, Stats>, transport: Stats | undefined): Stats | undefined {
  const pairs = [...all.values()].filter(({ type }) => type === 'candidate-pair')
  return (
    all.get(transport?.selectedCandidatePairId as string) ??
    pairs.find(({ selected }) => selected === true) ??
    pairs.find(({ nominated, state }) => nominated === true && state === 'succeeded')
  )
}

/** Loss among received RTP packets, and among sent ones as the other peer reports it. */
function mediaLoss(all: Iterable<Stats>): number | undefined {
  let [packets, lost] = [0, 0]
  for (const { type, packetsReceived, packetsLost } of all) {
    if (type !== 'inbound-rtp' && type !== 'remote-inbound-rtp') continue
    // Duplicates can make the count of lost packets negative (RFC 3550, section 6.4.1).
    const missing = Math.max(0, countOf(packetsLost))
    lost += missing
    packets += countOf(packetsReceived) + missing
  }
  return packets === 0 ? undefined : lost / packets
}

/** Ignores the newest check: its response may still be in transit. */
function checkLoss(pair: Stats | undefined): number | undefined {
  const sent = countOf(pair?.requestsSent) - 1
  return sent > 0 ? Math.max(0, sent - countOf(pair?.responsesReceived)) / sent : undefined
}

const countOf = (value: unknown): number => (typeof value === 'number' ? value : 0)
