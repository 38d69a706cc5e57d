import type { Limits } from '../../core/mod.ts'
import { MAX_INFO_BYTES, MAX_NAME_LENGTH } from '../../protocol/mod.ts'
import { readRange } from '../shared/client-address.ts'
import { UsageError } from '../shared/usage-error.ts'
import { type FlagGroup, type ProgramOptions, readSeconds, textOf, textsOf } from './flags.ts'

/** Largest value of a limit: a timer and a 32-bit length can hold it. */
const MOST = 2 ** 31 - 1

interface LimitFlag {
  limit: keyof Limits
  /** The largest value. */
  most?: number
  help: string
}

const numbers: Record<string, LimitFlag> = {
  'max-connections': { limit: 'users', help: 'connections in total (default 100000)' },
  'max-frame-bytes': { limit: 'frameBytes', most: 2 ** 24, help: 'bytes of one message (default 262144)' },
  'max-frames-per-second': {
    limit: 'framesPerSecond',
    help: 'messages of one client a second, with bursts of ten times as many (default 1000)',
  },
  'max-bytes-per-second': {
    limit: 'bytesPerSecond',
    help: 'bytes of one client a second, with bursts of ten times as many (default 2097152)',
  },
  'max-fan-out-per-second': {
    limit: 'fanOutPerSecond',
    help: "bytes that one client's requests make the server send a second, with bursts of four times as many; an address may cause four times as many, all clients 8 times (default 262144)",
  },
  'max-queued-bytes': { limit: 'queuedBytes', help: 'bytes that wait for one client (default 4194304)' },
  'max-replay-bytes': { limit: 'replayBytes', help: 'bytes kept for one client to resume (default 1048576)' },
  'max-buffered-bytes': {
    limit: 'bufferedBytes',
    most: Number.MAX_SAFE_INTEGER,
    help: 'bytes that wait and are kept for all clients together; a quarter for one address or sub (default a quarter of the memory)',
  },
  'max-rooms': { limit: 'rooms', help: 'rooms in total (default 10000)' },
  'max-rooms-per-user': { limit: 'roomsPerUser', help: 'rooms that one user is a member of (default 32)' },
  'max-rooms-made': { limit: 'roomsMadePerUser', help: 'rooms that one user owns (default 100)' },
  'max-announced-users': {
    limit: 'announcedUsers',
    help: 'clients that receive announcements of rooms that they are not in: those that subscribe, and clients before version 1 (default 500)',
  },
  'max-peers': { limit: 'peersPerRoom', help: 'peers in one room (default 1024)' },
  'max-info-bytes': { limit: 'infoBytes', most: MAX_INFO_BYTES, help: "bytes of a user's info (default 4096)" },
  'max-name-length': {
    limit: 'nameLength',
    most: MAX_NAME_LENGTH,
    help: "UTF-16 code units of a room's name (default 128)",
  },
}

const PER_ADDRESS = 'max-connections-per-address'
const REQUESTS = 'max-requests-per-address'

/** Options that limit what clients can use up. */
export const limitFlags: FlagGroup = {
  flags: {
    'trust-proxy': {
      type: 'string',
      multiple: true,
      value: 'ADDRESS',
      help: 'a reverse proxy, or a range such as 10.0.0.0/8, whose X-Forwarded-For the server believes; repeatable',
    },
    heartbeat: {
      type: 'string',
      value: 'SECONDS',
      help: 'time between pings; a connection that misses two is closed (default 15)',
    },
    'hello-time': {
      type: 'string',
      value: 'SECONDS',
      help: 'time for a client to send a request, and its token if the server requires one (default 10; Bun allows a request 12)',
    },
    [PER_ADDRESS]: {
      type: 'string',
      value: 'NUMBER',
      help: 'connections from one address (default 1000; from this machine, no limit)',
    },
    [REQUESTS]: {
      type: 'string',
      value: 'NUMBER',
      help: 'HTTP requests from one address a second, with bursts of ten times as many (default 500; from this machine, no limit)',
    },
    ...Object.fromEntries(
      Object.entries(numbers).map(([name, { help }]) => [name, { type: 'string', value: 'NUMBER', help } as const]),
    ),
  },
  read(values) {
    const options: ProgramOptions = {}
    const limits: Partial<Limits> = {}
    for (const [name, { limit, most }] of Object.entries(numbers)) {
      const given = textOf(values, name)
      if (given !== undefined) limits[limit] = readNumber(given, name, most)
    }
    const helloTime = textOf(values, 'hello-time')
    if (helloTime !== undefined) limits.helloTime = readSeconds(helloTime, '--hello-time')
    if (Object.keys(limits).length > 0) options.limits = limits
    const [perAddress, requests] = [textOf(values, PER_ADDRESS), textOf(values, REQUESTS)]
    if (perAddress !== undefined) options.connectionsPerAddress = readNumber(perAddress, PER_ADDRESS)
    if (requests !== undefined) options.requestsPerAddress = readNumber(requests, REQUESTS)
    const heartbeat = textOf(values, 'heartbeat')
    if (heartbeat !== undefined) options.heartbeat = readHeartbeat(heartbeat)
    const proxies = textsOf(values, 'trust-proxy')
    if (proxies.length > 0) options.trustProxy = proxies.map(readProxy)
    return options
  },
}

function readNumber(text: string, name: string, most: number = MOST): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number
  throw new UsageError(`--${name} must be in 1..${most}: it is ${text}`)
}

function readHeartbeat(text: string): number {
  const ms = readSeconds(text, '--heartbeat')
  if (ms >= 1_000) return ms
  throw new UsageError(`--heartbeat must be at least 1 second: it is ${text}`)
}

function readProxy(text: string): string {
  try {
    readRange(text)
    return text
  } catch (cause) {
    throw new UsageError(`--trust-proxy must be an address or a range: ${(cause as Error).message}`)
  }
}
