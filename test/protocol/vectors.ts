import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { type Frame, readRelay, SignalError } from '../../src/protocol/mod.ts'
import { fromHex, toHex } from './fixture/bytes.ts'
import { codecs } from './fixture/codecs.ts'
import { refusal } from './fixture/refusal.ts'

interface Vector {
  name: string
  hex: string
  frame?: Frame
  /** A form that other libraries write. The codec reads it like the canonical form, but never writes it. */
  decodeOnly?: boolean
  error?: string
  reason?: string
}

const folder = new URL('../vectors/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))

const names: string[] = []
for (const file of files) {
  const vectors = JSON.parse(readFileSync(new URL(file, folder), 'utf8'), readBytes) as Vector[]
  names.push(...vectors.map(({ name }) => `${file}: ${name}`))
  t.test(file, async (t) => {
    for (const vector of vectors) {
      for (const [end, codec] of codecs) t.test(`${vector.name}, by ${end}`, async (t) => check(t, vector, codec))
    }
  })
}

t.test('there are 60 vectors or more, each with its own name', async (t) => {
  t.ok(names.length >= 60, `${names.length} vectors`)
  t.equal(new Set(names).size, names.length)
})

function check(
  t: Tap,
  { hex, frame, decodeOnly, error, reason }: Vector,
  { decodeFrame, encodeFrame }: (typeof codecs)[number][1],
): void {
  const bytes = fromHex(hex)
  if (frame === undefined) {
    const { code, reason: got } = refusal(() => decodeFrame(bytes))
    t.same([code, got], [error, reason])
    t.ok(relayRefusesOrLeaves(bytes), 'readRelay throws no other error')
    return
  }
  t.strictSame(decodeFrame(bytes), frame, 'hex to frame')
  if (decodeOnly) t.not(toHex(encodeFrame(frame)), hex, 'only the canonical form is written')
  else t.equal(toHex(encodeFrame(frame)), hex, 'frame to hex')
}

function relayRefusesOrLeaves(bytes: Uint8Array): boolean {
  try {
    const header = readRelay(bytes)
    return header === undefined || header.body < bytes.length
  } catch (error) {
    return error instanceof SignalError
  }
}

/** Converts `{"bin": "<hex>"}` in a vector to bytes, because JSON has no bytes. */
function readBytes(_key: string, value: unknown): unknown {
  const { bin } = (value ?? {}) as { bin?: unknown }
  return typeof bin === 'string' ? fromHex(bin) : value
}

type Tap = Pick<typeof t, 'same' | 'strictSame' | 'ok' | 'equal' | 'not'>
