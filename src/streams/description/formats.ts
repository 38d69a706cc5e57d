/** Formats of a sample's values: those of Lab Streaming Layer, and int24, which many amplifiers use. */
export type Format = 'float32' | 'float64' | 'int8' | 'int16' | 'int24' | 'int32' | 'int64' | 'string'

export type NumericFormat = Exclude<Format, 'string'>

/** Arrays for numeric values. int24 values use an Int32Array. */
export type NumericArray =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>

export const isTypedArray = (value: unknown): value is NumericArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)

/** Values of consecutive samples, sample after sample (samples × channels). */
export type Values = NumericArray | string[]

interface NumericLayout {
  /** Bytes of one value on the wire. */
  bytes: number
  make(length: number): NumericArray
  /** Returns the first `length` values of a buffer that starts with them. For int24 it is a copy, otherwise a view. */
  over(buffer: ArrayBuffer, length: number): NumericArray
  /** Whether the format holds the value as the same number. float32 may round, but not to infinity. */
  fits(value: unknown): boolean
}

const integerWithin = (bits: number) => {
  const limit = 2 ** (bits - 1)
  return (value: unknown) => Number.isInteger(value) && (value as number) >= -limit && (value as number) < limit
}

export const layouts: Readonly<Record<NumericFormat, NumericLayout>> = {
  float32: {
    bytes: 4,
    make: (length) => new Float32Array(length),
    over: (buffer, length) => new Float32Array(buffer, 0, length),
    fits: (value) => typeof value === 'number' && (Number.isFinite(Math.fround(value)) || !Number.isFinite(value)),
  },
  float64: {
    bytes: 8,
    make: (length) => new Float64Array(length),
    over: (buffer, length) => new Float64Array(buffer, 0, length),
    fits: (value) => typeof value === 'number',
  },
  int8: {
    bytes: 1,
    make: (length) => new Int8Array(length),
    over: (buffer, length) => new Int8Array(buffer, 0, length),
    fits: integerWithin(8),
  },
  int16: {
    bytes: 2,
    make: (length) => new Int16Array(length),
    over: (buffer, length) => new Int16Array(buffer, 0, length),
    fits: integerWithin(16),
  },
  int24: {
    bytes: 3,
    make: (length) => new Int32Array(length),
    over: fromInt24,
    fits: integerWithin(24),
  },
  int32: {
    bytes: 4,
    make: (length) => new Int32Array(length),
    over: (buffer, length) => new Int32Array(buffer, 0, length),
    fits: integerWithin(32),
  },
  int64: {
    bytes: 8,
    make: (length) => new BigInt64Array(length),
    over: (buffer, length) => new BigInt64Array(buffer, 0, length),
    fits: (value) =>
      typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value as number),
  },
}

/** Returns the format that holds the value exactly, or undefined if no stream can carry the value. */
export function formatOf(value: unknown): Format | undefined {
  switch (typeof value) {
    case 'number':
      return 'float64'
    case 'bigint':
      return 'int64'
    case 'string':
      return 'string'
    default:
      return ArrayBuffer.isView(value) ? formatByArray[Object.prototype.toString.call(value).slice(8, -1)] : undefined
  }
}

/** An unsigned type uses a wider signed format, if there is one. */
const formatByArray: Readonly<Record<string, Format>> = {
  Float32Array: 'float32',
  Float64Array: 'float64',
  Int8Array: 'int8',
  Uint8Array: 'int16',
  Uint8ClampedArray: 'int16',
  Int16Array: 'int16',
  Uint16Array: 'int32',
  Int32Array: 'int32',
  Uint32Array: 'float64',
  BigInt64Array: 'int64',
  BigUint64Array: 'int64',
}

function fromInt24(buffer: ArrayBuffer, length: number): Int32Array<ArrayBuffer> {
  const bytes = new Uint8Array(buffer)
  const values = new Int32Array(length)
  for (let i = 0, at = 0; i < length; i++, at += 3) {
    // Shifting left and right by 8 bits extends the sign.
    values[i] =
      (((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)) << 8) >> 8
  }
  return values
}
