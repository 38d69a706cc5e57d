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

export type CodecName = 'JSON' | 'msgpack, plain' | 'ours' | 'bare minimum'

export const OTHER_PEER = 5_003_002_001_000_009

/** @returns undefined for a case that the contestant does not have */
export const codecs: Readonly<Record<CodecName, (what: Case) => Codec | undefined>> = {
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
  'bare minimum': (what) => ('chunk' in what ? bareChunk(what.chunk) : undefined),
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

/** Bytes of a header before the samples, as ours has it. */
const HEADER_BYTES = 23

/**
 * What every codec of chunks must do: a new message with the samples in it, and new arrays with the samples and their
 * timestamps. It writes no header, computes no timestamp and checks nothing.
 */
function bareChunk({ data, timestamps }: Chunk): Codec {
  const { length } = timestamps
  return {
    encode() {
      const message = new Uint8Array(HEADER_BYTES + data.byteLength)
      message.set(new Uint8Array(data.buffer), HEADER_BYTES)
      return message
    },
    decode(packed) {
      const values = new Float32Array(data.length)
      new Uint8Array(values.buffer).set((packed as Uint8Array).subarray(HEADER_BYTES))
      return { data: values, timestamps: new Float64Array(length) }
    },
    content: (decoded) => Array.from((decoded as { data: Float32Array }).data),
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
