/**
 * 10,000 connections in 1,000 rooms for five minutes, with churn, against one process: no error, memory flat in the second
 * half, and nothing left when all are gone. `npm run soak`, or with numbers: `node bench/soak.ts 1000 100 60`.
 */
import process from 'node:process'
import { soak } from './soak/soak.ts'

const [connections = 10_000, rooms = 1_000, seconds = 300] = process.argv.slice(2).map(Number)
const { faults, halves, left, ...counts } = await soak({ connections, rooms, seconds, log: console.log })
console.log(counts)

// What is on its way to slow readers comes and goes, a third of all at times: a leak is what stays below it, so that the
// least of the fourth quarter is more than the least of the third.
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
