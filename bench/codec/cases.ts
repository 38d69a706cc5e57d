import { makeSignal } from '../shared/signals.ts'

/** A chunk of samples, as a publisher stores it. */
export interface Chunk {
  stream: number
  /** The number of its first sample. */
  first: number
  channels: number
  /** Samples × channels: all channels of the first sample, then of the next. */
  data: Float32Array<ArrayBuffer>
  timestamps: Float64Array<ArrayBuffer>
  /** Nominal rate, in Hz. */
  rate: number
}

export type CaseName =
  | 'candidate, 200 B'
  | 'offer, 1500 B'
  | 'list of 50 rooms'
  | 'chunk of 8 × 32 float32'
  | 'chunk of 64 × 20 float32'

export type Case = { name: CaseName } & ({ peer: number; signal: object } | { rooms: object[] } | { chunk: Chunk })

const STAMP = '1000000000'
const PEER = 7_421_309_548_213_377

const chunk = (channels: number, samples: number, rate: number): Chunk => {
  const start = 1_800_000_000_000
  return {
    stream: 2,
    first: 64_000,
    channels,
    // Values in µV, like an amplifier's. They are not short decimals, which JSON would write in fewer bytes.
    data: Float32Array.from({ length: channels * samples }, (_, i) => Math.sin(i / 7) * 100 + Math.cos(i) * 3),
    timestamps: Float64Array.from({ length: samples }, (_, i) => start + i * (1_000 / rate)),
    rate,
  }
}

/** A server's list of 50 rooms with ten users each. */
const rooms = Array.from({ length: 50 }, (_, i) => ({
  uuid: PEER + i * 1_001,
  name: `lab ${i}`,
  initiator: PEER - i,
  restrictions: i % 5 === 0 ? { max: 12 } : {},
  peers: Array.from({ length: 10 }, (_, peer) => PEER - i - peer * 7_919),
}))

export const cases: readonly Case[] = [
  { name: 'candidate, 200 B', peer: PEER, signal: makeSignal('candidate, 200 B', STAMP) },
  { name: 'offer, 1500 B', peer: PEER, signal: makeSignal('offer, 1500 B', STAMP) },
  { name: 'list of 50 rooms', rooms },
  { name: 'chunk of 8 × 32 float32', chunk: chunk(8, 32, 250) },
  { name: 'chunk of 64 × 20 float32', chunk: chunk(64, 20, 1_000) },
]
