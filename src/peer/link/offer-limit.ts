import { now } from '../../streams/mod.ts'

/** New links that the other side may make within so many seconds: what waited at the server may come at once. */
const MAX_OFFERS = 16
const OFFERS_WITHIN = 10

/** @returns says for each offer of the other side whether it may be taken, and counts those that may */
export function offerLimit(): () => boolean {
  let taken: number[] = []
  return () => {
    const at = now()
    taken = taken.filter((before) => at - before < OFFERS_WITHIN)
    return taken.length < MAX_OFFERS && taken.push(at) > 0
  }
}
