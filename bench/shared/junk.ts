import { encodeFrame, Op } from '../../mod.ts'

/** Invalid frames: empty, nested too deep, no msgpack, and a body of the wrong type. */
export const JUNK: readonly Uint8Array<ArrayBuffer>[] = [
  new Uint8Array(),
  new Uint8Array(300).fill(0x91),
  new Uint8Array([0xc1]),
  encodeFrame([Op.connect, 1, 'x']),
]
