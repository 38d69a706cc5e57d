/**
 * Measures streams on data channels in Chromium. Compares ours with:
 * - a bare RTCDataChannel, which is the limit
 * - simple-peer and PeerJS
 * - one JSON string for each value, as pages before version 1 send
 *
 * `node bench/channels.ts`; `--help` for options.
 */
import { serveApp } from './browser/app-page.ts'
import { type Bulk, type Live, openBrowsers } from './channels/measure.ts'
import type { Plan, TransportName } from './channels/page.ts'
import { finish } from './report/report.ts'
import type { Cell, Table } from './report/types.ts'
import { packagesOf, serverContestants } from './servers/contestants.ts'
import { contest, ratio } from './shared/contest.ts'
import { packageVersions } from './shared/machine.ts'
import { readOptions } from './shared/options.ts'
import { startServer } from './shared/processes.ts'
import { fittedExponent, type Summary, summarize } from './shared/statistics.ts'

const options = readOptions()
const { quick } = options

const OURS = 'ours'
const BARE = 'bare RTCDataChannel'
const JSON_TEXT = 'JSON string a value'
const transports: Record<string, TransportName> = {
  [OURS]: 'ours',
  [BARE]: 'bare',
  "simple-peer's write": 'simplePeer',
  PeerJS: 'peerjs',
  [JSON_TEXT]: 'json',
}
/** Channels × samples per second, in float32. */
const LOADS = {
  'Muse, 5 × 256': { channels: 5, rate: 256 },
  'Cyton, 8 × 250': { channels: 8, rate: 250 },
  '64 × 1,000': { channels: 64, rate: 1_000 },
  '256 × 2,048': { channels: 256, rate: 2_048 },
} as const
type LoadName = keyof typeof LOADS
const LARGE: LoadName = '256 × 2,048'
const MESH: LoadName = '64 × 1,000'
/** With `--quick`, only the load of the mesh: the other loads run the same code. */
const MEASURED = (Object.keys(LOADS) as LoadName[]).filter((load) => !quick || load === MESH)
const RECEIVERS = quick ? [1, 2] : [1, 2, 4, 8]
/** With `--quick` and without `--only`, ours and JSON, which uses a bare channel. */
const only = quick && options.only.length === 0 ? [OURS, JSON_TEXT] : options.only
/** Duration of each live load, in seconds. */
const SECONDS = quick ? 0.2 : 1
/** Pause before each load, in seconds: the browser finishes the work of opening the pages. */
const SETTLE = quick ? 0 : 0.5
/** Transfers per round; the bench takes the median. A transfer that loses a packet early takes much longer. */
const TRANSFERS = quick ? 1 : 3
/** Samples of 64 channels in float32, samples of one channel in int16, and values for JSON, which is much slower. */
const BULK = { samples: quick ? 8_000 : 64_000, single: quick ? 200_000 : 6_400_000, json: quick ? 2_000 : 40_000 }

type Measured = Partial<Record<Figure, number | undefined>>
type Figure = `${keyof Live} ${LoadName} ${number}` | `${keyof Bulk} ${'bulk' | 'single'}`

const app = await serveApp('bench/channels/page.ts')
const found = await contest<Figure>(
  Object.entries(transports).map(([name, transport]) => ({ name, measure: () => measureAll(transport) })),
  { ...options, only },
)
app.close()

const of = (name: string, figure: Figure): Summary | undefined => found.get(name)?.[figure]
const oursOf = (other: string, figure: Figure): Summary | undefined => ratio(of(OURS, figure), of(other, figure))

finish(
  {
    bench: 'channels',
    title: 'Streams on data channels, in Chromium',
    versions: packageVersions([
      'simple-peer',
      'peerjs',
      ...packagesOf(Object.values(serverContestants), found.has('PeerJS') ? ['peerjs-server'] : []),
    ]),
    method: [
      'One browser has the page that sends, another the page with all receivers; both are fresh for each contestant in each round, the pages for each case.',
      `Live: what is due of the load is handed over every 20 ms, in float32, for ${SECONDS} s of each load, ${SETTLE} s after all are linked; latency is the median from there to the last sample of it in the other page, the main thread's share is what Chromium says that it was busy.`,
      `Processors: processor time of all processes of the sender's browser, from /proc, for each second of the load that it sent, which it may not have managed in a second. At what an idle browser needs the curve begins, so its exponent may be below 1; 1 is a cost for each receiver.`,
      `As fast as it goes, for as long as it takes: ${(BULK.samples * 256) / 1e6} MB of 64 channels in float32, and ${(BULK.single * 2) / 1e6} MB of one channel in int16, in blocks of 128 KiB and 64 KiB as fast as they are taken; of JSON ${BULK.json.toLocaleString('en-US')} values of either; ${TRANSFERS} times in a round, of which the median counts.`,
      'All channels are ordered and reliable. Ours makes its own messages; the others get whole samples in messages of at most 16,000 B, but for JSON, which has a string for each value, with its channel and the time.',
      'First and last value of everything that comes are looked at, and that all came: a sample that is lost, late in order or wrong stops the bench.',
    ],
    goals: [
      {
        what: "MB/s of 64 channels, of a bare channel's",
        measured: oursOf(BARE, 'megabytes bulk'),
        atLeast: 0.9,
        why: "in threads' processor time the channel itself costs as much as a bare one's (per 33 MB some 0.5 s in Chromium's network thread on either side), and the main threads are idle most of the time; theirs is 0.12 s beside 0.1 s where it is sent, and 0.25 s beside 0.15 s where it is received: copying samples out of messages, their timestamps in the receiver's clock, and an object for each chunk. With one processor for each thread that is no less throughput; where others want them, too, it is. Samples that begin at a multiple of their size in the message could be viewed in place, without the copy.",
      },
      {
        what: "int16 values/s, of those of JSON's",
        measured: oursOf(JSON_TEXT, 'values single'),
        limit: ratio(of(BARE, 'values single'), of(JSON_TEXT, 'values single')),
        atLeast: 100,
        unit: '×',
        why: "a sample of one int16 has two bytes and brings eight of timestamp to whoever reads it: of the receiver's main thread (45 ns a sample) two thirds are straightening timestamps and taking them to its own clock, the rest the copy and the memory; the sender's (20 to 30 ns) makes timestamps and finds that they need not be sent. JSON costs the receiver's 13 µs a value, 290 times as much; but the channel below both, which carries 2 bytes a sample, is the other half of the time. A chunk's timestamps are straightened in one pass, not by a call for each.",
      },
      { what: `Bytes of ${MESH}, of the samples alone`, measured: of(OURS, `bytes ${MESH} 1`), atMost: 1.02 },
      {
        what: 'Latency of Cyton beyond a bare channel, ms',
        measured: beyond('latency Cyton, 8 × 250 1'),
        atMost: 1,
        unit: 'ms',
      },
      { what: `${LARGE}: main thread of the sender`, measured: of(OURS, `sender ${LARGE} 1`), atMost: 0.25 },
      { what: `${LARGE}: main thread of the receiver`, measured: of(OURS, `receiver ${LARGE} 1`), atMost: 0.25 },
      { what: `${LARGE}: samples lost`, measured: of(OURS, `lost ${LARGE} 1`), atMost: 0 },
    ],
    tables: [
      {
        title: 'As fast as it goes',
        columns: ['', '64 × float32: MB/s', 'values/s', '1 × int16: MB/s', 'values/s'],
        rows: rows(['megabytes bulk', 'values bulk', 'megabytes single', 'values single']),
      },
      live('Latency, ms', 'latency'),
      live("Sender's main thread, share of the time", 'sender'),
      live("Receiver's main thread, share of the time", 'receiver'),
      live('Bytes on the channel, of the samples alone', 'bytes'),
      live('Of the load, what could be kept up with', 'kept'),
      {
        title: `Processors that the sender's browser needs for ${MESH}, by receivers`,
        columns: ['', ...RECEIVERS.map(String), 'grows as receivers to the power of'],
        rows: Array.from(found, ([name, figures]) => [
          name,
          ...RECEIVERS.map((receivers) => figures[`cpu ${MESH} ${receivers}`]),
          growth(name),
        ]),
      },
      mesh(`Sender's main thread at ${MESH}, share of the time, by receivers`, 'sender'),
      mesh(`Of ${MESH}, what could be kept up with, by receivers`, 'kept'),
    ],
    plots: [
      {
        kind: 'bars',
        name: 'channels-bulk',
        title: '64 channels of float32, as fast as they go',
        label: 'MB/s',
        bars: Array.from(found, ([name, figures]) => ({
          name,
          value: figures['megabytes bulk'],
          ours: name === OURS,
        })),
      },
      {
        kind: 'curves',
        name: 'channels-mesh',
        title: `What ${MESH} costs the sender, by how many get it`,
        label: 'processors',
        xLabel: 'receivers',
        curves: Array.from(found.keys(), (name) => ({
          name,
          points: RECEIVERS.flatMap((receivers): [number, number][] => {
            const cpu = of(name, `cpu ${MESH} ${receivers}`)
            return cpu === undefined ? [] : [[receivers, cpu.median]]
          }),
        })),
      },
    ],
  },
  options,
)

/** Measures each case in new pages of two new browsers, with a new server if the transport needs one. */
async function measureAll(transport: TransportName): Promise<Measured> {
  const { ours, peerjs } = serverContestants
  const start = () =>
    transport === 'ours' ? startServer(ours) : transport === 'peerjs' ? startServer(peerjs) : undefined
  const figures: Measured = {}
  const pages = await openBrowsers(app.url)
  const inRoom = async (plan: Omit<Plan, 'port' | 'transport'>, task: (plan: Plan) => Promise<void>): Promise<void> => {
    const server = await start()
    try {
      await task({ ...plan, transport, port: server?.port ?? 0 })
    } finally {
      await server?.stop()
    }
  }
  try {
    for (const load of MEASURED) {
      const { channels, rate } = LOADS[load]
      for (const receivers of load === MESH ? RECEIVERS : [1]) {
        await inRoom({ format: 'float32', channels, rate, receivers }, async (plan) => {
          const result = await pages.live(plan, SETTLE, SECONDS)
          for (const [what, value] of Object.entries(result) as [keyof Live, number | undefined][]) {
            figures[`${what} ${load} ${receivers}`] = value
          }
        })
      }
    }
    const isJson = transport === 'json'
    const all = {
      bulk: [{ format: 'float32', channels: 64, rate: 1_000 }, isJson ? BULK.json / 64 : BULK.samples],
      single: [{ format: 'int16', channels: 1, rate: 1_000 }, isJson ? BULK.json : BULK.single],
    } as const
    for (const what of ['bulk', 'single'] as const) {
      const [stream, samples] = all[what]
      const transfers: Bulk[] = []
      for (let i = 0; i < TRANSFERS; i++) {
        await inRoom({ ...stream, receivers: 1 }, async (plan) => {
          transfers.push(await pages.bulk(plan, Math.floor(samples)))
        })
      }
      for (const figure of ['values', 'megabytes'] as const) {
        figures[`${figure} ${what}`] = summarize(transfers.map((transfer) => transfer[figure])).median
      }
    }
    return figures
  } finally {
    await pages.close()
  }
}

function rows(figures: readonly Figure[]): Cell[][] {
  return Array.from(found, ([name, measured]) => [name, ...figures.map((figure) => measured[figure])])
}

function live(title: string, what: keyof Live): Table {
  return { title, columns: ['', ...MEASURED], rows: rows(MEASURED.map((load): Figure => `${what} ${load} 1`)) }
}

function mesh(title: string, what: keyof Live): Table {
  const figures = RECEIVERS.map((receivers): Figure => `${what} ${MESH} ${receivers}`)
  return { title, columns: ['', ...RECEIVERS.map(String)], rows: rows(figures) }
}

/** Fits an exponent in each round. Returns undefined if a processor time is below the system's step of 10 ms. */
function growth(name: string): Summary | undefined {
  const costs = RECEIVERS.map((receivers) => of(name, `cpu ${MESH} ${receivers}`))
  if (costs.some((cost) => (cost?.low ?? 0) === 0)) return undefined
  const inRound = (round: number) =>
    RECEIVERS.map((receivers, i) => [receivers, costs[i]?.values[round] as number] as const)
  return summarize(Array.from(costs[0]?.values ?? [], (_, round) => fittedExponent(inRound(round))))
}

/** The difference to the bare channel in each round. */
function beyond(figure: Figure): Summary | undefined {
  const [one, other] = [of(OURS, figure), of(BARE, figure)]
  return one && other && summarize(one.values.map((value, round) => value - (other.values[round] as number)))
}
