/**
 * Measures what idle connections cost a server, and what it costs when users connect, join rooms and leave them. Shows
 * how the cost grows with the room and with all users. `node bench/connections.ts`, also with bun or deno; `--help` for
 * options.
 */
import { readFileSync } from 'node:fs'
import type { IdleResult } from './connections/idle.ts'
import type { Request } from './connections/requests.ts'
import type { RoomResult, SizesResult } from './connections/room-sizes.ts'
import type { StormResult } from './connections/storm.ts'
import { finish } from './report/report.ts'
import type { Cell } from './report/types.ts'
import { OURS_ON_BUN, packagesOf, type ServerContestant, serverContestants } from './servers/contestants.ts'
import { type Contestant, contest } from './shared/contest.ts'
import { packageVersions } from './shared/machine.ts'
import { readOptions } from './shared/options.ts'
import { runForResult, runtimes, startServer } from './shared/processes.ts'
import { fittedExponent, type Summary, summarize } from './shared/statistics.ts'

const options = readOptions()
const { quick } = options
const CONNECTIONS = quick ? 100 : 10_000
const ROOMS = quick ? 10 : 1_000
const JOINS = 10
const SIZE = quick ? 20 : 500
const LOOKS = quick ? [30, 100] : [100, 300, 1_000, 3_000, 10_000]
const SIZES = quick ? [5, 20] : [2, 5, 10, 20, 50, 100, 200, 500]
/** Duration of one measurement of joining and leaving, in seconds. */
const SECONDS = quick ? 0.1 : 0.5
/** Idle time before memory is read, in seconds. */
const SETTLE = quick ? 0.1 : 3
/** Timeout for one load, in seconds. */
const LOAD_TIMEOUT = 600
/** Files that a process has open besides its connections. */
const OTHER_FILES = 200

checkFiles(Math.max(CONNECTIONS, ROOMS * JOINS) + OTHER_FILES)

const { bare, bareNode, ours, kept, deno, node, peerjs } = serverContestants
const held = [bare, ours, kept, deno, node, bareNode, peerjs]
/** Servers in the room tests: only ours on Bun, as they take long. The others are compared by connections alone. */
const roomy = [ours].filter(({ name }) => options.only.length === 0 || options.only.includes(name))
const idle = await contest(
  held.map((server) => contestant<IdleResult>(server, { what: 'idle', connections: CONNECTIONS, settle: SETTLE })),
  options,
)
const rooms = await contest(
  roomy.map((server) => ({ name: server.name, measure: () => fillRooms(server) })),
  { ...options, only: [] },
)

type RoomFigure =
  | 'storm seconds'
  | 'storm cpu'
  | `${'join' | 'broadcast' | 'leave'}${'' | 'Seconds'}`
  | `${'users' | 'size'} ${number}`

const onBun = rooms.get(OURS_ON_BUN)
const byUsers = curve('users', LOOKS)
const bySize = curve('size', SIZES)

finish(
  {
    bench: 'connections',
    title: 'Connections and rooms',
    versions: packageVersions(packagesOf(held, [...idle.keys()])),
    method: [
      `${CONNECTIONS} connections are opened, a hundred at a time, and greeted; memory is what is resident ${SETTLE} s later beyond what was with one of them, processor time that of the server alone (/proc).`,
      `The storm: ${ROOMS * JOINS} users come, a hundred at a time, and each enters one of ${ROOMS} rooms, which are made by the first; all of them see each of these rooms.`,
      `A room of ${SIZE} fills, one sends 600 B to each of the others, and it empties: each who comes or goes is told to all inside.`,
      `The curves have what it takes to enter a room of so many and to leave it again, in turns for ${SECONDS} s: by the size of the room with nobody else there, and by all users, each of whom is in a room of ${JOINS}, for a room of ${JOINS}.`,
    ],
    goals: [
      { what: 'Memory of a connection, ours on Bun', measured: idle.get(OURS_ON_BUN)?.memory, atMost: 5, unit: 'KiB' },
      {
        what: `Entering and leaving a room of ${JOINS} by all users, ours on Bun: exponent`,
        measured: exponentOf(byUsers),
        atMost: 0.1,
      },
    ],
    tables: [
      {
        title: `${CONNECTIONS} connections that do nothing`,
        columns: ['', 'KiB each', 'CPU µs each to open', 's to open all'],
        rows: Array.from(idle, ([name, { memory, cpu, seconds }]) => [name, memory, cpu, seconds]),
      },
      {
        title: `A storm of ${ROOMS} rooms × ${JOINS} joins`,
        columns: ['', 's', 'CPU µs a user'],
        rows: roomRows(['storm seconds', 'storm cpu']),
      },
      {
        title: `A room of ${SIZE}`,
        columns: ['', 'CPU µs a join', 'a broadcast signal', 'a leave', 's to fill', 's to tell all', 's to empty'],
        rows: roomRows(['join', 'broadcast', 'leave', 'joinSeconds', 'broadcastSeconds', 'leaveSeconds']),
      },
      curveTable(`Entering and leaving a room of ${JOINS}, by all users: CPU µs`, 'users', LOOKS),
      curveTable('Entering and leaving, by the size of the room: CPU µs', 'size', SIZES),
      {
        title: 'Exponents, ours on Bun: 0 does not grow, 1 grows alike',
        columns: ['', 'exponent'],
        rows: [
          ['by all users', exponentOf(byUsers)],
          ['by the size of the room', exponentOf(bySize)],
        ],
      },
    ],
    plots: [
      {
        kind: 'bars',
        name: 'connections-memory',
        title: 'A connection that does nothing',
        label: 'resident memory, KiB',
        bars: Array.from(idle, ([name, { memory }]) => ({
          name,
          value: memory,
          ours: name.startsWith('ours'),
        })),
      },
      {
        kind: 'curves',
        name: 'connections-growth',
        title: 'Entering a room and leaving it again, ours on Bun',
        label: "server's processor time, µs",
        xLabel: 'users',
        curves: [
          { name: `a room of ${JOINS}, by all users`, points: points(byUsers) },
          { name: 'by the size of the room', points: points(bySize) },
        ],
      },
    ],
  },
  options,
)

async function load<Result>(server: ServerContestant, request: object): Promise<Result> {
  const { pid, port, stop } = await startServer(server)
  try {
    const whole = { ...request, pid, port, dialect: server.dialect } as Request
    const program = [runtimes.bun, 'bench/connections/load.ts', JSON.stringify(whole)]
    return await runForResult<Result>(program, LOAD_TIMEOUT)
  } finally {
    await stop()
  }
}

function contestant<Result extends object>(
  server: ServerContestant,
  request: object,
): Contestant<keyof Result & string> {
  return { name: server.name, measure: () => load(server, request) }
}

/** Runs each load in a new process. */
async function fillRooms(server: ServerContestant): Promise<Partial<Record<RoomFigure, number | undefined>>> {
  const storm = await load<StormResult>(server, {
    what: 'storm',
    rooms: ROOMS,
    joins: JOINS,
    looks: LOOKS,
    seconds: SECONDS,
  })
  const room = await load<RoomResult>(server, { what: 'room', size: SIZE })
  const sizes = await load<SizesResult>(server, { what: 'sizes', sizes: SIZES, seconds: SECONDS })
  return {
    ...room,
    'storm seconds': storm.seconds,
    'storm cpu': storm.cpu,
    ...Object.fromEntries(storm.looks.map(([users, cpu]) => [`users ${users}`, cpu])),
    ...Object.fromEntries(sizes.map(([size, cpu]) => [`size ${size}`, cpu])),
  }
}

function roomRows(figures: readonly RoomFigure[]): Cell[][] {
  return Array.from(rooms, ([name, measured]) => [name, ...figures.map((figure) => measured[figure])])
}

function curveTable(title: string, what: 'users' | 'size', places: readonly number[]) {
  const figures = places.map((place): RoomFigure => `${what} ${place}`)
  return { title, columns: ['', ...places.map((place) => place.toLocaleString('en-US'))], rows: roomRows(figures) }
}

type Curve = [place: number, cpu: Summary][]

function curve(what: 'users' | 'size', places: readonly number[]): Curve {
  return places.flatMap((place) => {
    const cpu = onBun?.[`${what} ${place}`]
    return cpu === undefined ? [] : [[place, cpu]]
  })
}

function points(curve: Curve): [number, number][] {
  return curve.map(([place, { median }]) => [place, median])
}

/** Fits an exponent in each round. Returns undefined if a processor time is below the system's step of 10 ms. */
function exponentOf(curve: Curve): Summary | undefined {
  const [first] = curve
  if (first === undefined || curve.some(([, { low }]) => low === 0)) return undefined
  return summarize(
    first[1].values.map((_, round) =>
      fittedExponent(curve.map(([place, cpu]) => [place, cpu.values[round] as number])),
    ),
  )
}

/**
 * Checks the limit on open files. The load and the server are separate processes, and a connection is one file in each.
 * The runtimes raise the soft limit themselves.
 *
 * @throws Error if the limit is too low
 */
function checkFiles(wanted: number): void {
  let limits: string
  try {
    limits = readFileSync('/proc/self/limits', 'utf8')
  } catch {
    // Without /proc the limit is unknown. If it is too low, opening a connection fails later.
    return
  }
  const most = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
  if (most >= wanted) return
  throw new Error(`Cannot open so many connections as a process may have ${most} files open: ulimit -n ${wanted}`)
}
