import { now } from '../../streams/mod.ts'

/** Maximum number of offers within this many seconds. Offers that the server buffered may arrive all at once. */
const MAX_OFFERS = 16
const OFFERS_WITHIN = 10

/** @returns a function to call for each offer: it returns whether the offer is allowed, and counts allowed offers */
export function offerLimit(): () => boolean {
  let taken: number[] = []
  return () => {
    const at = now()
    taken = taken.filter((before) => at - before < OFFERS_WITHIN)
    return taken.length < MAX_OFFERS && taken.push(at) > 0
  }
}
