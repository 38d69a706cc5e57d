import { decodeValue, encodeValue } from '../../src/protocol/mod.ts'
import type { Signal } from '../shared/signals.ts'
import type { Data, Speaker } from './speaker.ts'

const ADDRESS_BYTES = 4

/** Four bytes of address, then a body encoded as in our protocol. The server replaces the destination by the origin. */
export function bare(): Speaker {
  let own = 0
  return {
    path: '/',
    protocols: [],
    async greet(wire) {
      own = addressIn(await wire.next())
    },
    enter: async () => own,
    encode(to, signal) {
      const body = encodeValue(signal)
      const bytes = new Uint8Array(ADDRESS_BYTES + body.length)
      new DataView(bytes.buffer).setUint32(0, to as number)
      bytes.set(body, ADDRESS_BYTES)
      return bytes
    },
    decode: (data) => decodeValue((data as Uint8Array).subarray(ADDRESS_BYTES)) as Signal,
  }
}

function addressIn(data: Data): number {
  const { buffer, byteOffset } = data as Uint8Array<ArrayBuffer>
  return new DataView(buffer, byteOffset).getUint32(0)
}
