/** The server of the soak test, in its own process. On request it reports what it holds. */
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Clock, serve, WebRTCService } from '../../mod.ts'

/** What a server holds. */
export interface Held {
  /** Bytes of the heap and of buffers, after a garbage collection. */
  memory: number
  /** Resident bytes. */
  resident: number
  /** Processor time since the process started, in seconds. */
  processor: number
  users: number
  rooms: number
  /** Disconnected sessions that can resume. */
  waiting: number
  /** Active timers of the service. */
  serviceTimers: number
  /** All active timers of the process. */
  timers: number
  metrics: string
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const timers = new Set<object>()
const clock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, ms) {
    const timer: NodeJS.Timeout = setTimeout(() => {
      timers.delete(timer)
      callback()
    }, ms)
    timers.add(timer)
    return timer.unref()
  },
  clearTimeout(timer) {
    timers.delete(timer as object)
    clearTimeout(timer as NodeJS.Timeout)
  },
}

const service = new WebRTCService({
  codec: 'json',
  clock,
  emptyRoomTtl: 2_000,
  resumeGrace: 2_000,
  limits: { framesPerSecond: 1_000, bytesPerSecond: 2_097_152, fanOutPerSecond: 262_144, roomsMadePerUser: 100 },
})
const server = await serve({ port: 0, service, trustProxy: ['127.0.0.0/8', '::1'] })

process.on('message', async () => {
  const { user, system } = process.cpuUsage()
  collect()
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage()
  const held: Held = {
    memory: heapUsed + external + arrayBuffers,
    resident: rss,
    processor: (user + system) / 1e6,
    users: service.users.size,
    rooms: service.rooms.size,
    waiting: service.counts.waiting,
    serviceTimers: timers.size,
    timers: process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length,
    // Do not reuse a connection: the server may close an idle one just when the next request starts.
    metrics: await (await fetch(server.metricsUrl, { headers: { connection: 'close' } })).text(),
  }
  process.send?.(held)
})
process.on('disconnect', () => process.exit())
process.send?.(server.url.replace('http', 'ws'))
