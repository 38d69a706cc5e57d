import { type FlagGroup, type ProgramOptions, readChoice, readPort, readSeconds, textOf, UsageError } from './flags.ts'
import { createLog, LOG_FORMATS, LOG_LEVELS } from './log.ts'

/** How the program is run and looked into. */
export const runFlags: FlagGroup = {
  flags: {
    cert: { type: 'string' },
    key: { type: 'string' },
    'metrics-port': { type: 'string' },
    log: { type: 'string' },
    'log-level': { type: 'string' },
    drain: { type: 'string' },
  },
  help: `  --cert FILE, --key FILE
                  certificate chain and private key in PEM: serve https and wss
  --metrics-port NUMBER
                  a port of its own for /metrics, /healthz and /readyz (default: all on one port)
  --log FORMAT    text or json: a line for each thing that happens, on standard error
  --log-level LEVEL
                  ${LOG_LEVELS.join(', ')} (default warn, with --log info)
  --drain SECONDS on SIGTERM, tell clients to move spread over so long; twice, stop at once (default 10)`,
  read(values) {
    const options: ProgramOptions = {}
    const given = (name: string): string | undefined => textOf(values, name)
    const [cert, key, metricsPort, drain] = ['cert', 'key', 'metrics-port', 'drain'].map(given)
    const [log, logLevel] = ['log', 'log-level'].map(given)
    if ((cert === undefined) !== (key === undefined)) {
      throw new UsageError('Cannot serve TLS as it takes both --cert and --key')
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
