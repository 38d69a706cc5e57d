import { createLog, LOG_FORMATS, LOG_LEVELS } from '../metrics/log.ts'
import { UsageError } from '../shared/usage-error.ts'
import { type FlagGroup, type ProgramOptions, readChoice, readPort, readSeconds, textOf } from './flags.ts'

/** Options for TLS, monitoring, the log and shutdown. */
export const runFlags: FlagGroup = {
  flags: {
    cert: {
      type: 'string',
      value: 'FILE',
      help: 'certificate chain in PEM; with --key, the server speaks https and wss',
    },
    key: { type: 'string', value: 'FILE', help: 'private key in PEM' },
    'metrics-port': {
      type: 'string',
      value: 'NUMBER',
      help: 'separate port for /metrics, /healthz and /readyz (default: the same port)',
    },
    log: { type: 'string', value: 'FORMAT', help: `${LOG_FORMATS.join(' or ')}: writes each event to standard error` },
    'log-level': {
      type: 'string',
      value: 'LEVEL',
      help: `${LOG_LEVELS.join(', ')} (default warn; with --log, info)`,
    },
    drain: {
      type: 'string',
      value: 'SECONDS',
      help: 'on SIGTERM, asks clients to reconnect, spread over this time; a SIGTERM more than a second later stops at once (default 10)',
    },
  },
  read(values) {
    const options: ProgramOptions = {}
    const given = (name: string): string | undefined => textOf(values, name)
    const [cert, key, metricsPort, drain] = ['cert', 'key', 'metrics-port', 'drain'].map(given)
    const [log, logLevel] = ['log', 'log-level'].map(given)
    if ((cert === undefined) !== (key === undefined)) {
      throw new UsageError('Cannot serve TLS: it needs both --cert and --key')
    }
    if (cert !== undefined && key !== undefined) options.tlsFiles = { cert, key }
    if (metricsPort !== undefined) options.metricsPort = readPort(metricsPort, '--metrics-port')
    if (drain !== undefined) options.drain = readSeconds(drain, '--drain')
    if (log !== undefined || logLevel !== undefined) {
      const format = log === undefined ? undefined : readChoice(log, '--log', LOG_FORMATS)
      const level = logLevel === undefined ? 'info' : readChoice(logLevel, '--log-level', LOG_LEVELS)
      options.log = createLog({ format, level })
    }
    return options
  },
}
