/**
 * Measures what hostile clients cost the server and its other clients. Each attack runs as fast as one process can, with
 * the program's default limits. `node bench/hostile.ts`; `--help` for options.
 */
import { allAttacks, attacks, DROPPED } from './hostile/attacks.ts'
import { type AttackOptions, type AttackResult, measureAttack } from './hostile/measure.ts'
import { finish } from './report/report.ts'
import type { Goal, Table } from './report/types.ts'
import { type Contestant, contest, type Figures } from './shared/contest.ts'
import { readOptions } from './shared/options.ts'
import { runtimes } from './shared/processes.ts'
import { type Summary, summarize } from './shared/statistics.ts'
import { JWT_SECRET } from './shared/tokens.ts'

const options = readOptions({ full: 1, quick: 1 })
const { quick } = options
const { bun, deno, node } = runtimes
/** For each runtime, the program and a bare relay, which shows what any server must do. */
const PROGRAMS: Record<string, { program: string[]; bare: string[] }> = {
  Bun: { program: [bun, 'run', 'mod.ts'], bare: [bun, 'bench/servers/bare-relay.ts'] },
  ...(!quick && {
    Deno: { program: [deno, 'run', '-P', 'mod.ts'], bare: [deno, 'run', '-A', 'bench/servers/bare-relay-ws.ts'] },
    Node: { program: [node, 'mod.ts'], bare: [node, 'bench/servers/bare-relay-ws.ts'] },
  }),
}
/**
 * The server believes the addresses of the hostile clients. Otherwise limits for one address would not apply, because all
 * of them come from this machine.
 */
const FLAGS = ['--host', '127.0.0.1', '--jwt-secret', JWT_SECRET, '--trust-proxy', '127.0.0.0/8']
const ATTACKS = Object.keys(attacks)
const HOSTILE = quick ? [1] : [1, 10, 100]
/** Part of each crowd that comes. What a room costs while it fills grows with the square of its size. */
const SHARE = quick ? 0.4 : 1
const PAIRS = quick ? 5 : 50
/** Signals that each of the other clients sends in a second. */
const RATE = 20
/** Durations without and with the attack, in seconds. The server allows bursts of ten seconds, so a run lasts longer. */
const QUIET = quick ? 0.2 : 3
const SECONDS = quick ? 0.3 : 15
const MEBIBYTE = 1_048_576

const FIGURES = ['quiet', 'attacked', 'ratio', 'memory', 'amplification', 'unearned', 'lost', 'unanswered'] as const
type Measured = (typeof FIGURES)[number]
type Figure = `${Measured} ${string}`

const contestants = Object.keys(PROGRAMS).map((name): Contestant<Figure> => ({ name, measure: () => attackAll(name) }))
const found = await contest(contestants, options)

finish(
  {
    bench: 'hostile',
    title: 'Hostile clients',
    versions: {},
    method: [
      `${2 * PAIRS} clients send ${RATE} offers of 600 B a second each, in pairs; ${QUIET} s without and ${SECONDS} s with the attack are measured. With rooms it is a minute, because all clients together may cause 64 MiB at once.`,
      'The program is the server, with its default limits and tokens required; it is started anew for each line of a table.',
      'All hostile clients are in one process, with the lowest priority (nice 19), and attack as fast as it can. Other clients in a room that is attacked are in a process with a low priority (nice 10). Each has an address and a connection of its own, which it opens again whenever the server closes it.',
      'Relay time is the 99th percentile from the send to the receipt, also of signals that arrive after the attack.',
      'Memory is the most resident memory of the server since its start (VmHWM in /proc).',
      'A connection may cause 1 MiB at once, and 50 bytes for each byte in. MiB unearned are those beyond 50 for each byte in, for each connection.',
      "Bytes out are all that hostile and other clients read because of the attack, those of the others' signals excepted; bytes in are those that the hostile clients sent.",
      'Lost are signals that never arrived, and connections of the others that the server closed.',
      'A bare relay on the same runtime, flooded with frames of 1 KiB that it drops, shows what the machine, the runtime and reading cost.',
      'After each attack, the server has a minute to answer one request for `/healthz`; an unanswered one counts as 1.',
    ],
    goals: Array.from(found, ([name, figures]) => goalsOf(name, figures)).flat(),
    tables: Array.from(found, ([name, figures]) => tableOf(name, figures)),
    plots: [],
  },
  options,
)

async function attackAll(name: string): Promise<Record<Figure, number | undefined>> {
  const { program, bare } = PROGRAMS[name] as (typeof PROGRAMS)[string]
  const entries: [Figure, number | undefined][] = []
  const ours: Pick<AttackOptions, 'command' | 'dialect'> = {
    command: (port) => [...program, '--port', String(port), ...FLAGS],
    dialect: 'identified',
  }
  const limit: typeof ours = { command: (port) => [...bare, String(port)], dialect: 'bare' }
  for (const [attack, { seconds = SECONDS }] of Object.entries(allAttacks)) {
    for (const hostile of HOSTILE) {
      console.error(`${name}: ${attack}, ${hostile} hostile`)
      const durations = { quiet: QUIET, seconds: quick ? SECONDS : seconds }
      const result = await measureAttack({
        ...(attack === DROPPED ? limit : ours),
        ...{ attack, hostile, share: SHARE, pairs: PAIRS, rate: RATE },
        ...{ ...durations, yields: !quick },
      })
      const figures = { ...result, ...derived(result) }
      for (const figure of FIGURES) entries.push([`${figure} ${attack} ${hostile}`, figures[figure]])
    }
  }
  return Object.fromEntries(entries)
}

function derived({ quiet, attacked, memory, unearned }: AttackResult): {
  ratio?: number
  memory?: number
  unearned: number
} {
  return {
    ratio: quiet === undefined || attacked === undefined ? undefined : attacked / quiet,
    memory: memory === undefined ? undefined : memory / MEBIBYTE,
    unearned: unearned / MEBIBYTE,
  }
}

/** The worst of all attacks in each round. */
function worst(figures: Figures<Figure>, measured: Measured): Summary | undefined {
  const all = ATTACKS.flatMap((attack) => HOSTILE.map((hostile) => figures[`${measured} ${attack} ${hostile}`]))
  const known = all.filter((summary) => summary !== undefined)
  if (known.length < all.length) return undefined
  return summarize(
    (known[0] as Summary).values.map((_, round) => Math.max(...known.map(({ values }) => values[round] as number))),
  )
}

function goalsOf(name: string, figures: Figures<Figure>): Goal[] {
  const goal = (what: string, measured: Measured, atMost: number, unit?: string): Goal => ({
    what: `${what}, worst attack, ${name}`,
    measured: worst(figures, measured),
    atMost,
    unit,
  })
  return [
    // A ratio of so short runs beside the attack's own load would judge the machine.
    ...(quick ? [] : [goal('Relay time of others, of that without an attack', 'ratio', 3)]),
    goal("Peak of the server's memory", 'memory', 512, 'MiB'),
    goal('Bytes out for each byte in', 'amplification', 50),
    // The budget of a connection, and one request above it.
    goal('Bytes out beyond that, for each connection', 'unearned', 1.25, 'MiB'),
    goal('Signals and connections that others lost', 'lost', 0),
    goal('Requests without an answer after the attack', 'unanswered', 0),
  ]
}

function tableOf(name: string, figures: Figures<Figure>): Table {
  return {
    title: `Attacks on the server on ${name}`,
    columns: [
      '',
      'hostile',
      'p99 without, ms',
      'p99 with, ms',
      'ratio',
      'peak MiB',
      'bytes out/in',
      'MiB unearned',
      'lost',
      'unanswered',
    ],
    rows: Object.keys(allAttacks).flatMap((attack) =>
      HOSTILE.map((hostile) => [
        attack === DROPPED ? `a bare relay, ${DROPPED}` : attack,
        hostile,
        ...FIGURES.map((figure) => figures[`${figure} ${attack} ${hostile}`]),
      ]),
    ),
  }
}
