import type { DialectName } from '../dialects/dialect.ts'
import { root, runtimes, type ServerCommand } from '../shared/processes.ts'

/** A server in the contest, started as its operators start it, and the dialect of its clients. */
export interface ServerContestant extends ServerCommand {
  name: string
  dialect: DialectName
  /** The npm package of the server. */
  package?: string
}

/** Raises the limits on what one client may send, and accepts every page: the benches do not measure that. */
const LIMITS = [
  ['--max-frames-per-second', '1000000'],
  ['--max-bytes-per-second', '2000000000'],
  ['--max-fan-out-per-second', '2000000000'],
  ['--origin', '*'],
].flat()

const ours = (command: readonly string[]): ServerCommand['command'] => {
  return (port) => [...command, '--host', '0.0.0.0', '--port', String(port), ...LIMITS]
}

const own = (runtime: string, file: string): ServerCommand['command'] => {
  return (port) => [runtime, `${root}bench/servers/${file}`, String(port)]
}

const { bun, deno, node } = runtimes
const onBun = ours([bun, 'run', 'mod.ts'])
const bin = `${root}bench/packages/node_modules/.bin/`

export const OURS_ON_BUN = 'ours on Bun'
export const BARE = 'bare relay on Bun'
export const PEERJS = 'peerjs-server'
export const JSON_SERVICE = 'JSON service'

type ServerName =
  | 'bare'
  | 'bareNode'
  | 'ours'
  | 'kept'
  | 'deno'
  | 'node'
  | 'yWebrtc'
  | 'peerjs'
  | 'socketIo'
  | 'jsonService'

export const serverContestants: Readonly<Record<ServerName, ServerContestant>> = {
  bare: { name: BARE, dialect: 'bare', command: own(bun, 'bare-relay.ts') },
  bareNode: { name: 'bare ws on Node', dialect: 'bare', command: own(node, 'bare-node.ts'), package: 'ws' },
  ours: { name: OURS_ON_BUN, dialect: 'ours', command: onBun },
  kept: { name: 'ours on Bun, sessions kept', dialect: 'kept', command: onBun },
  deno: { name: 'ours on Deno', dialect: 'ours', command: ours([deno, 'run', '-P', 'mod.ts']) },
  node: { name: 'ours on Node', dialect: 'ours', command: ours([node, 'mod.ts']) },
  yWebrtc: {
    name: 'y-webrtc signaling',
    dialect: 'y-webrtc',
    command: () => [node, `${bin}y-webrtc-signaling`],
    env: (port) => ({ PORT: String(port) }),
    package: 'y-webrtc',
  },
  peerjs: {
    name: PEERJS,
    dialect: 'peerjs',
    command: (port) => [node, `${bin}peerjs`, '--port', String(port), '--concurrent_limit', '100000'],
    package: 'peer',
  },
  socketIo: {
    name: 'socket.io',
    dialect: 'socket.io',
    command: own(node, 'socket-io.ts'),
    package: 'socket.io',
  },
  jsonService: { name: JSON_SERVICE, dialect: 'json-service', command: own(node, 'json-service.ts'), package: 'ws' },
}

/** The packages of the servers that took part, by their names. */
export const packagesOf = (servers: readonly ServerContestant[], names: readonly string[]): string[] =>
  servers.flatMap(({ name, package: found }) => (names.includes(name) && found !== undefined ? [found] : []))
