import { type Summary, summarize } from './statistics.ts'

/** One that takes part: it starts afresh, in processes of its own, each time that it is measured. */
export interface Contestant<Figure extends string> {
  name: string
  /**
   * @returns its figures; undefined is what the system does not tell
   * @throws Error where a result is wrong
   */
  measure(): Promise<Partial<Record<Figure, number | undefined>>>
}

export type Figures<Figure extends string> = Partial<Record<Figure, Summary>>

export interface ContestOptions {
  rounds: number
  /** Contestants that take part; all where none is named. */
  only: readonly string[]
  log?(line: string): void
}

/**
 * Measures all, round by round, in the other order every other round, so that neither a machine that gets warmer nor
 * what else it does favours anybody.
 *
 * @returns what each did; `values` of all are of the same rounds, in order
 */
export async function contest<Figure extends string>(
  contestants: readonly Contestant<Figure>[],
  { rounds, only, log = console.error }: ContestOptions,
): Promise<Map<string, Figures<Figure>>> {
  const chosen = only.length === 0 ? contestants : contestants.filter(({ name }) => only.includes(name))
  if (chosen.length === 0 && contestants.length > 0) {
    throw new Error(`Cannot measure ${only.join(', ')}: there are ${contestants.map(({ name }) => name).join(', ')}`)
  }
  const measured = new Map(chosen.map(({ name }) => [name, [] as Partial<Record<Figure, number | undefined>>[]]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, measure } of round % 2 === 0 ? chosen : chosen.toReversed()) {
      log(`round ${round + 1} of ${rounds}: ${name}`)
      measured.get(name)?.push(await measure())
    }
  }
  return new Map(Array.from(measured, ([name, values]) => [name, summarizeAll(values)]))
}

/** How much one is of another, in each round: what the machine did meanwhile concerns both. */
export function ratio(one: Summary | undefined, other: Summary | undefined): Summary | undefined {
  if (one === undefined || other === undefined) return undefined
  return summarize(one.values.map((value, round) => value / (other.values[round] as number)))
}

function summarizeAll<Figure extends string>(
  rounds: readonly Partial<Record<Figure, number | undefined>>[],
): Figures<Figure> {
  const figures: Figures<Figure> = {}
  for (const figure of Object.keys(rounds[0] as object) as Figure[]) {
    const values = rounds.map((round) => round[figure])
    if (values.every((value) => value !== undefined)) figures[figure] = summarize(values)
  }
  return figures
}
