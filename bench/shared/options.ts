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
const ROUNDS = 5

const USAGE = `Options:
  --quick        one short round, to see that all works; its figures mean little
  --rounds N     rounds of each contestant (default ${ROUNDS})
  --json FILE    write the report there too
  --only NAME    this contestant alone; repeatable`

/** Reads the command line; says what there is and ends for `--help`, and for what cannot be read. */
export function readOptions(args: string[] = process.argv.slice(2)): BenchOptions {
  try {
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
    if (values.help) {
      console.log(USAGE)
      process.exit()
    }
    const rounds = values.rounds === undefined ? (values.quick ? 1 : ROUNDS) : Number(values.rounds)
    if (!Number.isInteger(rounds) || rounds < 1) {
      throw new Error(`Cannot measure as --rounds must be 1 or more: it is ${values.rounds}`)
    }
    return { quick: values.quick, json: values.json, rounds, only: values.only }
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exit(2)
  }
}
