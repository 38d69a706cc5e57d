import process from 'node:process'
import { parseArgs } from 'node:util'

/** Options of every bench's command line. */
export interface BenchOptions {
  /** Runs only enough to check that the bench works and results are right. The figures mean little. */
  quick: boolean
  /** File to which the report is also written, as JSON. */
  json?: string
  /** Number of rounds; the order of the contestants is reversed every other round. */
  rounds: number
  /** Names of the contestants to measure; if empty, all. */
  only: string[]
}

/** Five rounds, so that the median tolerates two outliers on either side. */
const ROUNDS = { full: 5, quick: 1 }

const usage = (rounds: typeof ROUNDS): string => `Options:
  --quick        as little as shows that all works; its figures mean little
  --rounds N     rounds of each contestant (default ${rounds.full}, with --quick ${rounds.quick})
  --json FILE    write the report there too
  --only NAME    this contestant alone; repeatable`

/**
 * Reads the command line. For `--help` or an invalid option, it prints the usage and exits.
 *
 * @param defaults number of rounds without `--rounds`, in full and with `--quick`
 */
export function readOptions(defaults: typeof ROUNDS = ROUNDS, args: string[] = process.argv.slice(2)): BenchOptions {
  return orUsage(usage(defaults), () => {
    const { values } = parseArgs({
      args,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        rounds: { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return undefined
    const rounds = Number(values.rounds ?? defaults[values.quick ? 'quick' : 'full'])
    if (!Number.isInteger(rounds) || rounds < 1) {
      throw new Error(`Cannot measure as --rounds must be 1 or more: it is ${values.rounds}`)
    }
    return { quick: values.quick, json: values.json, rounds, only: values.only }
  })
}

/** Returns what `read` returns. If that is undefined, prints the usage and exits with 0; if it throws, exits with 2. */
export function orUsage<Read extends object>(usage: string, read: () => Read | undefined): Read {
  try {
    const found = read()
    if (found !== undefined) return found
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exit(2)
  }
  console.log(usage)
  process.exit()
}
