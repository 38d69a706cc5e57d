/**
 * Reads a number that follows the number of its bytes: 1, 4 or 8.
 *
 * @returns the number as `value`, and as `length` the bytes of both
 * @throws RangeError if the bytes are not such a number, or end too early
 */
export function readVarlen(bytes: Uint8Array, at: number): { value: number; length: number } {
  const width = bytes[at]
  if (width !== 1 && width !== 4 && width !== 8) throw new RangeError(`a length has ${width ?? 'no'} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (width === 1) return { value: view.getUint8(at + 1), length: 2 }
  if (width === 4) return { value: view.getUint32(at + 1, true), length: 5 }
  const value = Number(view.getBigUint64(at + 1, true))
  if (!Number.isSafeInteger(value)) throw new RangeError(`a length is ${value}`)
  return { value, length: 9 }
}
