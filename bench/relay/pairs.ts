import type { DialectName } from '../dialects/dialect.ts'
import { type Client, openClient } from '../load/client.ts'
import type { SignalName } from '../shared/signals.ts'
import { Direction } from './direction.ts'

export interface Pair {
  clients: readonly [Client, Client]
  addresses: readonly [number | string, number | string]
}

/** Opens pairs of clients. Each pair has its own room. */
export async function openPairs(origin: string, dialect: DialectName, count: number): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (let i = 0; i < count; i++) {
    const clients = [await openClient(origin, dialect), await openClient(origin, dialect)] as const
    const [one, other] = clients
    const enter = ({ talk, speaker }: Client) => talk((wire) => speaker.enter(wire, `room ${i}`))
    const addresses = [await enter(one), await enter(other)] as const
    pairs.push({ clients, addresses })
  }
  return pairs
}

export interface Traffic {
  directions: Direction[]
  /** Signals that arrived, in all directions. */
  delivered: number
  /** If set, receives the latency of each signal, in ms. */
  latencies: number[] | undefined
  /** Called with the direction of each signal that arrives. */
  ondelivered(direction: Direction): void
  fault: Error | undefined
}

/** Creates both directions of all pairs, for signals of one kind. */
export function trafficOf(pairs: readonly Pair[], signal: SignalName): Traffic {
  const traffic: Traffic = { directions: [], delivered: 0, latencies: undefined, ondelivered() {}, fault: undefined }
  for (const { clients, addresses } of pairs) {
    const both = ([0, 1] as const).map((side) => {
      const direction: Direction = new Direction({
        from: clients[side],
        to: clients[1 - side] as Client,
        address: addresses[1 - side] as number | string,
        side,
        signal,
        ondelivered(latency) {
          traffic.delivered++
          traffic.latencies?.push(latency)
          traffic.ondelivered(direction)
        },
        onfault(error) {
          traffic.fault ??= error
        },
      })
      return direction
    })
    for (const [side, client] of clients.entries()) {
      const incoming = both[1 - side] as Direction
      const { socket, speaker } = client
      client.onmessage = (data) => {
        incoming.receive(data)
        const answer = speaker.answer?.(data)
        if (answer !== undefined) socket.send(answer)
      }
      client.onclose = (error) => {
        traffic.fault ??= error
      }
    }
    traffic.directions.push(...both)
  }
  return traffic
}

/** Sends at a fixed rate, alternating between directions. If late, sends all signals that are due at once. */
export function sendAtRate(traffic: Traffic, rate: number): () => void {
  const start = performance.now()
  let sent = 0
  let timer: ReturnType<typeof setTimeout>
  const due = (): void => {
    const count = Math.floor(((performance.now() - start) / 1_000) * rate)
    for (; sent < count; sent++) traffic.directions[sent % traffic.directions.length]?.send()
    timer = setTimeout(due, 1)
  }
  due()
  return () => clearTimeout(timer)
}

/** Signals that were sent and have not arrived. */
export const inFlightOf = (traffic: Traffic): number =>
  traffic.directions.reduce((sum, { inFlight }) => sum + inFlight, 0)
