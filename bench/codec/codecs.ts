import { decode as decodePlain, encode as encodePlain } from '@msgpack/msgpack'
import { decodeFrame, encodeFrame, Op } from '../../mod.ts'
import { readRelay, writePeer } from '../../src/protocol/relay.ts'
import { type ChunkLayout, encodeChunk, readChunk, unpackChunk } from '../../src/streams/chunks/chunk.ts'
import type { Case, Chunk } from './cases.ts'

type Packed = string | Uint8Array

/** How one contestant encodes and decodes one case. */
export interface Codec {
  encode(): Packed
  decode(packed: Packed): unknown
  /** Extracts the encoded value from the result of `decode`. */
  content(decoded: unknown): unknown
  /** What a server does in a relay: it replaces the peer and keeps the rest. */
  relay?(packed: Packed): Packed
}

export type CodecName = 'JSON' | 'msgpack, plain' | 'ours'

export const OTHER_PEER = 5_003_002_001_000_009

export const codecs: Readonly<Record<CodecName, (what: Case) => Codec>> = {
  JSON: (what) => general(what, JSON.stringify, (packed) => JSON.parse(packed as string)),
  'msgpack, plain': (what) =>
    general(
      what,
      (value) => encodePlain(value),
      (packed) => decodePlain(packed as Uint8Array),
    ),
  ours(what) {
    if ('chunk' in what) return ourChunk(what.chunk)
    if ('rooms' in what) {
      return {
        encode: () => encodeFrame([Op.rooms, what.rooms]),
        decode: (packed) => decodeFrame(packed as Uint8Array),
        content: (decoded) => (decoded as [number, unknown])[1],
      }
    }
    return {
      encode: () => encodeFrame([Op.offer, what.peer, what.signal]),
      decode: (packed) => decodeFrame(packed as Uint8Array),
      content: (decoded) => (decoded as [number, number, unknown])[2],
      relay(packed) {
        readRelay(packed as Uint8Array)
        writePeer(packed as Uint8Array, OTHER_PEER)
        return packed
      },
    }
  },
}

interface Envelope {
  cmd: string
  data: { id: number; msg: unknown }
}

/** The simple encoding: samples as an array of numbers, everything else as objects. */
function general(what: Case, encode: (value: unknown) => Packed, decode: (packed: Packed) => unknown): Codec {
  if ('chunk' in what) {
    const { stream, first, channels, data, timestamps } = what.chunk
    const numbers = Array.from(data)
    return {
      encode: () => encode([stream, first, timestamps[0], timestamps.length, channels, numbers]),
      decode,
      content: (decoded) => (decoded as unknown[])[5],
    }
  }
  if ('rooms' in what) {
    return {
      encode: () => encode({ cmd: 'rooms', data: what.rooms }),
      decode,
      content: (decoded) => (decoded as { data: unknown }).data,
    }
  }
  return {
    encode: () => encode({ cmd: 'offer', data: { id: what.peer, msg: what.signal } }),
    decode,
    content: (decoded) => (decoded as Envelope).data.msg,
    relay(packed) {
      const { cmd, data } = decode(packed) as Envelope
      return encode({ cmd, data: { id: OTHER_PEER, msg: data.msg } })
    },
  }
}

/** Encodes and decodes as the companion does, including all checks. */
function ourChunk({ stream, channels, rate, ...samples }: Chunk): Codec {
  const layout: ChunkLayout = {
    format: 'float32',
    nominalRate: rate,
    timeUnit: 'ms',
    channels: Array.from({ length: channels }, (_, i) => ({ label: String(i), unit: 'µV', type: 'EEG' })),
  }
  return {
    encode: () => encodeChunk(stream, samples, layout),
    decode: (packed) => unpackChunk(readChunk(packed as Uint8Array), layout),
    content: (decoded) => Array.from((decoded as { data: Float32Array }).data),
  }
}
