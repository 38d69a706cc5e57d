/**
 * Runs 10,000 connections in 1,000 rooms for five minutes, with churn, against one server process. Checks that:
 * - no error occurs
 * - memory is flat in the second half
 * - nothing is left when all clients are gone
 *
 * `npm run soak`, or with connections, rooms and seconds: `node bench/soak.ts 1000 100 60`.
 */
import process from 'node:process'
import { soak } from './soak/soak.ts'

const [connections = 10_000, rooms = 1_000, seconds = 300] = process.argv.slice(2).map(Number)
const { faults, halves, left, ...counts } = await soak({ connections, rooms, seconds, log: console.log })
console.log(counts)

// Buffers for slow readers grow and shrink; at times they are a third of all memory. A leak raises the minimum instead.
// So compare the minimum of the fourth quarter of the run with the minimum of the third.
const memory = halves.map(({ memory }) => memory)
const [third, fourth] = [memory.slice(0, memory.length >> 1), memory.slice(memory.length >> 1)].map((values) =>
  Math.min(...values),
)
const growth = (fourth as number) / (third as number) - 1
console.log(`memory in the second half: ${(growth * 100).toFixed(1)} %`)
const problems = [
  ...Array.from(faults, ([what, times]) => `${times} × ${what}`),
  ...(growth > 0.05 ? ['memory is not flat'] : []),
  ...Object.entries({ users: left.users, rooms: left.rooms, waiting: left.waiting, timers: left.serviceTimers })
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${number} ${what} are left`),
]
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
