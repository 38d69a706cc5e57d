import { SignalError } from './errors.ts'
import { isId } from './id.ts'
import { RELAY_HEADER_BYTES } from './limits.ts'
import { isRelayOp, type RelayOp } from './op.ts'
import { readUint } from './scan.ts'

/** The fields of a relay frame that a server reads: the op, the destination, and where the body starts. */
export interface RelayHeader {
  /** The number of the op. */
  op: RelayOp
  /** The id of the destination; of the origin in a frame from the server. */
  peer: number
  /** Offset of the body; 11 in frames that this library writes. */
  body: number
}

/** Writes the exact header (`93 op cf` and the peer's eight bytes) before a msgpack body. */
export function encodeRelay(op: RelayOp, peer: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(RELAY_HEADER_BYTES + body.length)
  bytes[0] = 0x93
  bytes[1] = op
  bytes[2] = 0xcf
  writePeer(bytes, peer)
  bytes.set(body, RELAY_HEADER_BYTES)
  return bytes
}

/** Overwrites the peer in a relay frame with the exact header. */
export function writePeer(bytes: Uint8Array, peer: number): void {
  let high = Math.floor(peer / 2 ** 32)
  let low = peer >>> 0
  for (let i = 3; i >= 0; i--) {
    bytes[3 + i] = high & 0xff
    bytes[7 + i] = low & 0xff
    high >>>= 8
    low >>>= 8
  }
}

/**
 * Reads a relay frame's header, and never its body.
 *
 * @returns undefined if the bytes are no relay frame: a request, or bytes that `decodeFrame` rejects
 * @throws SignalError `bad-frame` for a relay op with an invalid peer id, or without a body
 */
export function readRelay(bytes: Uint8Array): RelayHeader | undefined {
  const op = bytes[1]
  if (bytes[0] === 0x93 && bytes[2] === 0xcf && isRelayOp(op) && bytes.length > RELAY_HEADER_BYTES) {
    return header(op, readUint(bytes, 3, 8), RELAY_HEADER_BYTES)
  }
  return readRelaySlowly(bytes)
}

/** Reads the headers that other libraries write: an array of three with integers of any width. */
function readRelaySlowly(bytes: Uint8Array): RelayHeader | undefined {
  let offset = 1
  if (bytes[0] === 0xdc || bytes[0] === 0xdd) {
    const size = bytes[0] === 0xdc ? 2 : 4
    if (bytes.length < 1 + size || readUint(bytes, 1, size) !== 3) return undefined
    offset = 1 + size
  } else if (bytes[0] !== 0x93) return undefined
  const op = readInteger(bytes, offset)
  if (op === undefined || !isRelayOp(op.value)) return undefined
  const peer = readInteger(bytes, op.end)
  if (op.end >= bytes.length) throw SignalError.badFrame('truncated', 'Cannot relay a frame without a peer')
  if (peer === undefined) throw SignalError.badFrame('wrong-type', 'Cannot relay a frame whose peer is no integer')
  if (peer.end >= bytes.length) throw SignalError.badFrame('truncated', 'Cannot relay a frame without a body')
  return header(op.value, peer.value, peer.end)
}

function header(op: RelayOp, peer: number, body: number): RelayHeader {
  if (!isId(peer)) {
    throw SignalError.badFrame('wrong-type', `Cannot relay a frame: its peer must be in 1..2^53-1: it is ${peer}`)
  }
  return { op, peer, body }
}

function readInteger(bytes: Uint8Array, offset: number): { value: number; end: number } | undefined {
  const byte = bytes[offset]
  if (byte === undefined) return undefined
  if (byte < 0x80) return { value: byte, end: offset + 1 }
  // cc–cf are the unsigned widths. d0–d3 are the signed widths; their top bit must be clear for an id.
  if (byte < 0xcc || byte > 0xd3) return undefined
  const size = 2 ** ((byte - 0xcc) & 3)
  const value = readUint(bytes, offset + 1, size)
  if (byte >= 0xd0 && value >= 2 ** (8 * size - 1)) return undefined
  return { value, end: offset + 1 + size }
}
