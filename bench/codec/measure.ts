/**
 * Checks and measures all cases of one contestant, in its own process. `measure.ts NAME [--quick]` prints a
 * `CodecResult` as JSON.
 */
import process from 'node:process'
import { do_not_optimize, measure } from 'mitata'
import { type Case, type CaseName, cases } from './cases.ts'
import { type Codec, type CodecName, codecs } from './codecs.ts'

/** Time of each step in ns, and bytes on the wire. */
export interface CodecFigures {
  encode: number
  decode: number
  'round trip': number
  bytes: number
  relay?: number
}

export type CodecResult = Partial<Record<CaseName, CodecFigures>>

const name = process.argv[2] as CodecName
/** Settings of mitata. Its default takes at least 642 ms for each measurement. */
const settings = process.argv.includes('--quick')
  ? { min_cpu_time: 1e6, min_samples: 2, batch_samples: 128 }
  : { min_cpu_time: 3e8 }

const result: CodecResult = {}
for (const what of cases) {
  const codec = codecs[name](what)
  if (codec === undefined) continue
  check(what, codec)
  result[what.name] = await figuresOf(codec)
}
console.log(JSON.stringify(result))

async function figuresOf({ encode, decode, relay }: Codec): Promise<CodecFigures> {
  const packed = encode()
  return {
    encode: await median(() => do_not_optimize(encode())),
    decode: await median(() => do_not_optimize(decode(packed))),
    'round trip': await median(() => do_not_optimize(decode(encode()))),
    bytes: typeof packed === 'string' ? new TextEncoder().encode(packed).length : packed.length,
    ...(relay === undefined ? {} : { relay: await median(() => do_not_optimize(relay(packed))) }),
  }
}

async function median(work: () => void): Promise<number> {
  return (await measure(work, settings)).p50
}

/** @throws Error if the decoded value differs from the encoded one */
function check(what: Case, { encode, decode, content, relay }: Codec): void {
  const expected = 'chunk' in what ? Array.from(what.chunk.data) : 'rooms' in what ? what.rooms : what.signal
  same(content(decode(encode())), expected)
  if (relay !== undefined) same(content(decode(relay(encode()))), expected)
}

function same(one: unknown, other: unknown): void {
  if (JSON.stringify(one) !== JSON.stringify(other)) throw new Error(`${name} gives a wrong result`)
}
