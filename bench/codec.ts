/**
 * Measures the benefit of binary signaling: encoding, decoding, size on the wire, and the server's step in a relay.
 * Compares it with JSON and plain msgpack. The bench measures the runtime that it runs on: `node bench/codec.ts`,
 * `bun bench/codec.ts` or `deno run -A bench/codec.ts`; `--help` for options.
 */
import process from 'node:process'
import { cases } from './codec/cases.ts'
import { type CodecName, codecs } from './codec/codecs.ts'
import type { CodecFigures, CodecResult } from './codec/measure.ts'
import { finish } from './report/report.ts'
import type { Cell, Table } from './report/types.ts'
import { contest, ratio } from './shared/contest.ts'
import { packageVersions } from './shared/machine.ts'
import { readOptions } from './shared/options.ts'
import { runForResult } from './shared/processes.ts'

/** Why the speed of the chunk misses its goal, if it does. */
const WHY =
  'most of what is left is memory. A message, its timestamps and its values need a buffer each, and V8 takes 0.2 to 0.4 µs ' +
  'to make and to free one, however small it is. The bare minimum makes these three and copies the samples.'

const options = readOptions()
/** Timeout for one round of one contestant, in seconds. */
const ROUND_TIMEOUT = 300

type Figure = `${keyof CodecFigures}: ${string}`

const deno = 'Deno' in globalThis
const runtime = deno ? 'Deno' : 'Bun' in globalThis ? 'Bun' : 'Node'
const names = Object.keys(codecs) as CodecName[]
const found = await contest(
  names.map((name) => ({ name, measure: () => measureOnce(name) })),
  options,
)
const of = (name: CodecName, figure: Figure) => found.get(name)?.[figure]
const chunk = 'chunk of 8 × 32 float32'

finish(
  {
    bench: 'codec',
    title: `Encoding and decoding, on ${runtime}`,
    versions: packageVersions(['@msgpack/msgpack', 'mitata']),
    method: [
      'Each contestant has a process of its own in each round; times are the medians that mitata finds there.',
      'JSON and plain msgpack carry samples as an array of numbers, signals in an object; their chunks hold no timestamp but the first, as ours do at a steady rate, and what comes out of JSON stays an array of numbers.',
      'Ours are the frames and chunks as the server and the companion write and read them, with all checks of what comes in.',
      'The bare minimum makes the buffers that every codec of chunks must make, and copies the samples: it writes no header, computes no timestamp and checks nothing.',
      "The server's step: ours looks at eleven bytes and writes eight; the others decode, and encode with another id.",
    ],
    goals: [
      {
        what: `Speed of a ${chunk}, there and back, of JSON's`,
        measured: ratio(of('JSON', `round trip: ${chunk}`), of('ours', `round trip: ${chunk}`)),
        limit: ratio(of('JSON', `round trip: ${chunk}`), of('bare minimum', `round trip: ${chunk}`)),
        atLeast: 15,
        unit: '×',
        why: WHY,
      },
      {
        what: `Bytes of a ${chunk}, of JSON's`,
        measured: ratio(of('ours', `bytes: ${chunk}`), of('JSON', `bytes: ${chunk}`)),
        atMost: 0.25,
      },
    ],
    tables: [
      table('There and back, ns', 'round trip'),
      table('Encoding, ns', 'encode'),
      table('Decoding, ns', 'decode'),
      table("The server's step, ns", 'relay'),
      table('Bytes on the wire', 'bytes'),
    ],
    plots: [
      {
        kind: 'bars',
        name: 'codec-chunk',
        title: 'A chunk of 8 channels × 32 samples, there and back',
        label: 'ns',
        bars: names.map((name) => ({ name, value: of(name, `round trip: ${chunk}`), ours: name === 'ours' })),
      },
    ],
  },
  options,
)

async function measureOnce(name: CodecName): Promise<Record<Figure, number>> {
  const program = [process.execPath, ...(deno ? ['run', '-A'] : []), 'bench/codec/measure.ts', name]
  const result = await runForResult<CodecResult>(options.quick ? [...program, '--quick'] : program, ROUND_TIMEOUT)
  const entries = Object.entries(result).flatMap(([what, figures]) =>
    Object.entries(figures).map(([figure, value]) => [`${figure}: ${what}`, value]),
  )
  return Object.fromEntries(entries)
}

function table(title: string, figure: keyof CodecFigures): Table {
  const rows = cases.map(({ name: what }) => [what, ...names.map((name): Cell => of(name, `${figure}: ${what}`))])
  return {
    title,
    columns: ['', ...names],
    rows: rows.filter(([, ...cells]) => cells.some((cell) => cell !== undefined)),
  }
}
