import process from 'node:process'
import { setImmediate } from 'node:timers'
import { upgradeWebSocket } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { WebSocket } from 'ws'
import { hasFreeDescriptor } from './descriptors.ts'
import { pageFiles } from './files-node.ts'
import { heapLimit, systemMemory } from './memory.ts'
import { listen } from './node-server.ts'
import { startPings } from './pings.ts'
import type { Runtime } from './port.ts'
import { writeError } from './standard-error.ts'
import { userFiles } from './user-files.ts'

export const node: Runtime = {
  upgradeWebSocket: () => upgradeWebSocket,
  // A `ws` WebSocket has everything except a heartbeat.
  socket(raw, heartbeat) {
    const socket = raw as WebSocket
    const { heard, stop } = startPings(socket, heartbeat)
    socket.on('pong', heard).on('message', heard).on('close', stop)
    return socket
  },
  remoteAddress: (context) => (context.env?.incoming ? getConnInfo(context).remote.address : undefined),
  listen: (app, options) => listen(app, options),
  hasFreeDescriptor,
  pageFiles,
  readText: userFiles.text,
  writeError,
  memory: () => Math.min(systemMemory(), heapLimit()),
  env: (name) => process.env[name],
  nextTurn: setImmediate,
}
