/**
 * Measures what a server spends to relay a signal between two clients: processor time, signals per second, and latency.
 * `node bench/relay.ts`, `bun bench/relay.ts` or `deno run -A bench/relay.ts`; `--help` for options.
 */
import type { Load, LoadRequest, LoadResult } from './relay/load.ts'
import { finish } from './report/report.ts'
import {
  BARE,
  JSON_SERVICE,
  OURS_ON_BUN,
  PEERJS,
  packagesOf,
  type ServerContestant,
  serverContestants,
} from './servers/contestants.ts'
import { type Contestant, contest, type Figures, ratio } from './shared/contest.ts'
import { packageVersions } from './shared/machine.ts'
import { readOptions } from './shared/options.ts'
import { runForResult, runtimes, startServer } from './shared/processes.ts'
import type { SignalName } from './shared/signals.ts'

const options = readOptions()
const { bare, ours, kept, deno, node, yWebrtc, peerjs, socketIo, jsonService } = serverContestants
const servers: ServerContestant[] = [bare, ours, kept, deno, node, yWebrtc, peerjs, socketIo, jsonService]

const SIGNALS: SignalName[] = ['candidate, 200 B', 'offer, 600 B', 'offer, 1500 B']
const LARGE: SignalName = 'offer, 1500 B'
/** The load for latency. Its rate is well below the capacity of the slowest server. */
const STEADY = { signal: LARGE, rate: options.quick ? 500 : 4_000 }
const LOAD: Pick<LoadRequest, 'pairs' | 'inFlight' | 'saturate' | 'steady' | 'seconds' | 'warmUp'> = {
  pairs: options.quick ? 5 : 25,
  inFlight: 8,
  saturate: SIGNALS,
  steady: STEADY,
  seconds: options.quick ? 0.05 : 1.8,
  warmUp: options.quick ? 0.02 : 0.5,
}
/** Timeout for one round of one contestant, in seconds. */
const ROUND_TIMEOUT = 240

/** From `perf record -F 999 -g` of each server, saturated with signals of 1,500 B, grouped by the running code. */
const WHY_OF_PEERJS = [
  "By a profile of ours on Bun, 60 % of its time is the kernel's, which receives and sends; 29 % Bun's own, with WebSocket frames",
  "and a message's memory; 9 % that of compiled JavaScript, which is where ours runs; 2 % goes into reading the clock. Of",
  "peerjs-server's time 30 % is the kernel's. How much one call of the kernel takes moves ours by more than any code of ours",
  'could. Fewer calls would mend it: one for several signals to one receiver. Bun has that for the connection whose message',
  'it is handing over alone; for others, signals would have to wait for the end of a turn, and nobody could be told at once',
  'that one was not taken.',
].join(' ')

type Figure = `${'cpu' | 'rate' | 'share' | 'generator'} ${SignalName}` | 'p50' | 'p99'

const contestants = servers.map(
  (server): Contestant<Figure> => ({ name: server.name, measure: () => relayOnce(server) }),
)
const found = await contest(contestants, options)
const of = (name: string, figure: Figure) => found.get(name)?.[figure]
const cpu = `cpu ${LARGE}` as const
const oursOf = (other: string) => ratio(of(OURS_ON_BUN, cpu), of(other, cpu))

finish(
  {
    bench: 'relay',
    title: 'Relaying signals',
    versions: packageVersions(packagesOf(servers, [...found.keys()])),
    method: [
      `${LOAD.pairs} pairs of clients, each in a room of its own, have ${LOAD.inFlight} signals on their way in both directions; ${LOAD.seconds} s are measured behind ${LOAD.warmUp} s of warming up, for each size.`,
      'The load comes from a process of its own (on Bun); processor time is that of the server alone, with all its threads and children, as /proc/PID/stat has it.',
      `Latency is at ${STEADY.rate} signals of 1,500 B a second in all, which nobody waits for before the next is sent.`,
      'Servers run as their operators start them; ours with its limits on rates raised, peerjs-server with its limit on users raised.',
      '“Sessions kept” is how the companion connects: the server counts, and keeps until it is told that it came, what it sends. The others have nothing like it.',
      'y-webrtc sends each signal to everybody in the room, its sender too; the JSON service acknowledges each one.',
      'Signals a second are what passed while both processes shared the machine: where the server took much less than one processor, the load was the limit. “A processor would pass” is one second of the processor time that a signal takes.',
    ],
    goals: [
      { what: "CPU a signal of 1,500 B, ours on Bun, of the bare relay's", measured: oursOf(BARE), atMost: 1.4 },
      {
        what: "CPU a signal of 1,500 B, ours on Bun, of peerjs-server's",
        measured: oursOf(PEERJS),
        atMost: 0.35,
        why: WHY_OF_PEERJS,
      },
      {
        what: "CPU a signal of 1,500 B, ours on Bun, of the JSON service's",
        measured: oursOf(JSON_SERVICE),
        atMost: 0.2,
      },
    ],
    tables: [
      {
        title: 'Processor time of the server for each signal, µs',
        columns: ['', ...SIGNALS],
        rows: rows((figures) => SIGNALS.map((signal) => figures[`cpu ${signal}`])),
      },
      {
        title: 'Offers of 1,500 B, as many as go',
        columns: ['', 'signals/s', 'of a processor: server', 'load', 'a processor would pass/s'],
        rows: rows((figures) => [
          figures[`rate ${LARGE}`],
          figures[`share ${LARGE}`],
          figures[`generator ${LARGE}`],
          figures[cpu] && 1e6 / figures[cpu].median,
        ]),
      },
      {
        title: `Latency at ${STEADY.rate} offers of 1,500 B a second, ms`,
        columns: ['', 'p50', 'p99'],
        rows: rows(({ p50, p99 }) => [p50, p99]),
      },
    ],
    plots: [
      {
        kind: 'bars',
        name: 'relay-cpu',
        title: 'Passing on an offer of 1,500 B',
        label: "server's processor time, µs",
        bars: Array.from(found, ([name, figures]) => ({
          name,
          value: figures[cpu],
          ours: name.startsWith('ours'),
        })),
      },
    ],
  },
  options,
)

async function relayOnce(server: ServerContestant): Promise<Record<Figure, number | undefined>> {
  const { pid, port, stop } = await startServer(server)
  try {
    const request: LoadRequest = { ...LOAD, origin: `ws://127.0.0.1:${port}`, pid, dialect: server.dialect }
    const load = [runtimes.bun, 'bench/relay/load.ts', JSON.stringify(request)]
    const { saturated, steady } = await runForResult<LoadResult>(load, ROUND_TIMEOUT)
    const entries = SIGNALS.flatMap((signal) => {
      const { cpu, rate, serverShare, generatorShare } = saturated[signal] as Load
      return [
        [`cpu ${signal}`, cpu],
        [`rate ${signal}`, rate],
        [`share ${signal}`, serverShare],
        [`generator ${signal}`, generatorShare],
      ]
    })
    return { ...Object.fromEntries(entries), p50: steady.p50, p99: steady.p99 }
  } finally {
    await stop()
  }
}

function rows(cells: (figures: Figures<Figure>) => (Figures<Figure>[Figure] | number | undefined)[]) {
  return Array.from(found, ([name, figures]) => [name, ...cells(figures)])
}
