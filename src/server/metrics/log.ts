import { visibleJson } from '../../unicode/visible.ts'
import { standardError } from './line-output.ts'

/**
 * Which lines a log includes. Each level includes those before it.
 *
 * - `error`: faults of the server
 * - `warn`: connections that the server closed because of what they sent, and refused origins and hosts, once each
 * - `info`: connections, sessions and rooms, by id
 * - `debug`: the address of each connection, and each refusal by its code
 *
 * No level contains a message's content, a token, or a name that a user chose.
 */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug'
/** From the fewest lines to the most. */
export const LOG_LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug']

/** `text`: the time, the level, the event, and `name=value` for each field. `json`: one object with all of them. */
export type LogFormat = 'text' | 'json'
/** All formats, for `--log`. */
export const LOG_FORMATS: readonly LogFormat[] = ['text', 'json']

/** What a line says about its event, such as an id. Undefined fields are omitted. */
export type LogFields = Record<string, string | number | undefined>

/** Receives the lines for the operator. `createLog` creates one; an app may pass its own. */
export interface Log {
  /** Writes one line, if the log includes the level. */
  write(level: LogLevel, event: string, fields?: LogFields): void
  /** Whether the log includes the level. */
  has(level: LogLevel): boolean
  /** Lines that could not be written. @default none */
  readonly lost?: number
}

/** What a log includes, and where it writes. */
export interface LogOptions {
  /** The least important lines that the log includes. @default 'warn' */
  level?: LogLevel
  /** The form of each line. @default 'text' */
  format?: LogFormat
  /** Receives each line. @default writes it to standard error */
  print?: (line: string) => void
}

/** Most UTF-16 code units of one text in a line, so that no client can fill the disk with a long one. */
const MOST_TEXT = 2_000

/**
 * Creates a log. It writes one line for each event, with the time in UTC.
 *
 * @example
 * ```ts
 * import { createApp, createLog } from 'datastreams-webrtc'
 *
 * const app = createApp({ log: createLog({ level: 'info', format: 'json' }) })
 * console.log((await app.request('/readyz')).status) // 200
 * ```
 */
export function createLog(options: LogOptions = {}): Log {
  const { level = 'warn', format = 'text', print = (line) => standardError.print(line) } = options
  const wanted = new Set<string>(LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1))
  const line = format === 'json' ? jsonLine : textLine
  let lost = 0
  return {
    has: (level) => wanted.has(level),
    write(level, event, fields = {}) {
      if (!wanted.has(level)) return
      try {
        print(line(new Date().toISOString(), level, event, bounded(fields)))
      } catch {
        // A log that fails must not fail what it reports; there is nothing else to report it to.
        lost++
      }
    },
    get lost() {
      return lost + (options.print === undefined ? standardError.lost : 0)
    },
  }
}

const bounded = (fields: LogFields): LogFields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? cut(value) : value]),
  )

const cut = (text: string): string => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text)

const jsonLine = (time: string, level: string, event: string, fields: LogFields): string =>
  visibleJson({ time, level, event, ...fields })

function textLine(time: string, level: string, event: string, fields: LogFields): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined)
  return [time, level, event, ...pairs.map(([name, value]) => `${name}=${quoted(String(value))}`)].join(' ')
}

/** Quotes a text with other characters: a line break in it must not start a new line. */
const quoted = (text: string): string => (/^[\w.:/@+-]+$/.test(text) ? text : visibleJson(text))
