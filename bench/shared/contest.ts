import { type Summary, summarize } from './statistics.ts'

/** A participant of a contest. Each measurement starts it in new processes. */
export interface Contestant<Figure extends string> {
  name: string
  /**
   * @returns the figures; undefined for those that the system cannot measure
   * @throws Error if a result is wrong
   */
  measure(): Promise<Partial<Record<Figure, number | undefined>>>
}

export type Figures<Figure extends string> = Partial<Record<Figure, Summary>>

export interface ContestOptions {
  rounds: number
  /** Names of the contestants to measure; if empty, all. */
  only: readonly string[]
  log?(line: string): void
}

/**
 * Measures all contestants round by round. The order is reversed every other round: a warming machine or other load
 * then favours no contestant.
 *
 * @returns the figures of each contestant; their `values` are those of the rounds, in order
 * @throws Error if `only` matches no contestant
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

/** The ratio of two figures in each round. Other load on the machine affects both figures of a round. */
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
