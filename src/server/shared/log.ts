import { visibleJson } from '../../unicode/visible.ts'

/** From the fewest lines to the most. Each level includes those before it. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const
/**
 * - `error`: faults of the server
 * - `warn`: connections that the server closed because of what they sent, and refused origins and hosts, once each
 * - `info`: connections, sessions and rooms, by id
 * - `debug`: the address of each connection, and each refusal by its code
 *
 * No level contains a message's content, a token, or a name that a user chose.
 */
export type LogLevel = (typeof LOG_LEVELS)[number]

export const LOG_FORMATS = ['text', 'json'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

export type LogFields = Record<string, string | number | undefined>

export interface Log {
  /** Writes one line, if the log includes the level. */
  write(level: LogLevel, event: string, fields?: LogFields): void
  /** Whether the log includes the level. */
  has(level: LogLevel): boolean
}

export interface LogOptions {
  /** @default 'warn' */
  level?: LogLevel
  /** @default 'text' */
  format?: LogFormat
  /** Receives each line. @default console.error */
  print?: (line: string) => void
}

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
  const { level = 'warn', format = 'text', print = (line) => console.error(line) } = options
  const wanted = new Set<string>(LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1))
  const line = format === 'json' ? jsonLine : textLine
  return {
    has: (level) => wanted.has(level),
    write(level, event, fields = {}) {
      if (wanted.has(level)) print(line(new Date().toISOString(), level, event, fields))
    },
  }
}

const jsonLine = (time: string, level: string, event: string, fields: LogFields): string =>
  visibleJson({ time, level, event, ...fields })

function textLine(time: string, level: string, event: string, fields: LogFields): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined)
  return [time, level, event, ...pairs.map(([name, value]) => `${name}=${quoted(String(value))}`)].join(' ')
}

/** Quotes a text with other characters: a line break in it must not start a new line. */
const quoted = (text: string): string => (/^[\w.:/@+-]+$/.test(text) ? text : visibleJson(text))
