/** How good the way to a peer is, as its RTCPeerConnection says. */
export interface LinkQuality {
  /** Seconds there and back, by the newest connectivity check; undefined before there was one. */
  roundTrip: number | undefined
  /**
   * Part of all packets that was lost, 0 to 1: of sound and pictures where there are any, as RTP alone counts them; else
   * of connectivity checks, one every few seconds. Undefined where neither is known.
   */
  loss: number | undefined
  /** On the network, whatever they were for. */
  bytesSent: number
  bytesReceived: number
  /** How the two ends are reached: `host`, `srflx`, `prflx` or `relay` (RFC 8445); undefined while there is no way. */
  localCandidate: string | undefined
  remoteCandidate: string | undefined
  /** Whether a TURN server is between the two. */
  relayed: boolean
}

interface Stats {
  id: string
  type: string
  [field: string]: unknown
}

/** @returns undefined where the connection is closed, or closing, which has no statistics */
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

/** Firefox has no transport statistics, and says `selected`. */
function selectedPair(all: Map<string, Stats>, transport: Stats | undefined): Stats | undefined {
  const pairs = [...all.values()].filter(({ type }) => type === 'candidate-pair')
  return (
    all.get(transport?.selectedCandidatePairId as string) ??
    pairs.find(({ selected }) => selected === true) ??
    pairs.find(({ nominated, state }) => nominated === true && state === 'succeeded')
  )
}

/** Of what came, and of what the other side says to have missed. */
function mediaLoss(all: Iterable<Stats>): number | undefined {
  let [packets, lost] = [0, 0]
  for (const { type, packetsReceived, packetsLost } of all) {
    if (type !== 'inbound-rtp' && type !== 'remote-inbound-rtp') continue
    // Duplicates make the count of lost ones negative (RFC 3550, section 6.4.1).
    const missing = Math.max(0, countOf(packetsLost))
    lost += missing
    packets += countOf(packetsReceived) + missing
  }
  return packets === 0 ? undefined : lost / packets
}

/** The newest check may still be on its way. */
function checkLoss(pair: Stats | undefined): number | undefined {
  const sent = countOf(pair?.requestsSent) - 1
  return sent > 0 ? Math.max(0, sent - countOf(pair?.responsesReceived)) / sent : undefined
}

const countOf = (value: unknown): number => (typeof value === 'number' ? value : 0)
