import process from 'node:process'
import { parseArgs } from 'node:util'

/** What every bench takes on its command line. */
export interface BenchOptions {
  /** Enough to see that it works and that results are right; its figures mean little. */
  quick: boolean
  /** Where the report goes as JSON, beside the terminal. */
  json?: string
  /** How often each contestant runs; the order is reversed every other time. */
  rounds: number
  /** Contestants that take part; all where none is named. */
  only: string[]
}

/** Five, so that a median has something on both sides of it that may go wrong. */
const ROUNDS = { full: 5, quick: 1 }

const usage = (rounds: typeof ROUNDS): string => `Options:
  --quick        as little as shows that all works; its figures mean little
  --rounds N     rounds of each contestant (default ${rounds.full}, with --quick ${rounds.quick})
  --json FILE    write the report there too
  --only NAME    this contestant alone; repeatable`

/**
 * Reads the command line; says what there is and ends for `--help`, and for what cannot be read.
 *
 * @param defaults how many rounds there are where it does not say
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

/** What is read of a command line. Where that is nothing, help was asked for; the program ends with it, and for an error. */
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
