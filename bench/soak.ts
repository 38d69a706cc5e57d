/**
 * 10,000 connections in 1,000 rooms for five minutes, with churn, against one process: no error, memory flat in the second
 * half, and nothing left when all are gone. `npm run soak`, or with numbers: `node bench/soak.ts 1000 100 60`.
 */
import process from 'node:process'
import { soak } from './soak/soak.ts'

const [connections = 10_000, rooms = 1_000, seconds = 300] = process.argv.slice(2).map(Number)
const { faults, halves, left, ...counts } = await soak({ connections, rooms, seconds, log: console.log })
console.log(counts)

const memory = halves.map(({ memory }) => memory)
const growth = ((memory.at(-1) as number) - (memory[0] as number)) / (memory[0] as number)
console.log(`memory in the second half: ${(growth * 100).toFixed(1)} %`)
const problems = [
  ...Array.from(faults, ([what, times]) => `${times} × ${what}`),
  ...(Math.abs(growth) > 0.05 ? ['memory is not flat'] : []),
  ...Object.entries({ users: left.users, rooms: left.rooms, waiting: left.waiting, timers: left.serviceTimers })
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${number} ${what} are left`),
]
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
