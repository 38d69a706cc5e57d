import type { Context } from 'hono'
import type { Log } from '../metrics/log.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'

/** Most texts that the log mentions. A client can invent any number of them. */
const MOST_LOGGED = 100
/** Longest part of such a text in an answer and in the log, in characters. */
const LONGEST = 200

/** What a request names that the server does not serve, the status of the answer, and the reason. */
const KINDS = {
  origin: { status: 403, verb: 'accept pages of', reason: 'it is not an allowed origin', option: 'origins' },
  host: { status: 421, verb: 'serve', reason: 'the server was not told this name', option: 'publicUrls' },
} as const

/** Refuses requests by their origin or host, counts them, and logs each origin and host once. */
export class Refusals {
  readonly #log: Log
  readonly #metrics: ServerMetrics
  readonly #logged = new Set<string>()

  constructor(log: Log, metrics: ServerMetrics) {
    this.#log = log
    this.#metrics = metrics
  }

  /**
   * Answers a request.
   *
   * @param text what the request names
   * @param flag the option of the command line that allows it
   */
  refuse(context: Context, kind: keyof typeof KINDS, text: string, flag: string): Response {
    const { status, verb, reason, option } = KINDS[kind]
    const [named, allow] = [text, flag].map((part) => part.slice(0, LONGEST))
    this.#metrics.foreign[kind]++
    if (this.#logged.size < MOST_LOGGED && !this.#logged.has(`${kind} ${named}`)) {
      this.#logged.add(`${kind} ${named}`)
      this.#log.write('warn', `${kind} refused`, { [kind]: named, allow })
    }
    return context.text(
      `Cannot ${verb} ${named}: ${reason}. To allow it, start the server with ${allow} (in code: ${option})\n`,
      status,
    )
  }
}
