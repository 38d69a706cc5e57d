/**
 * Attacks a server as fast as one process can: `node attacker.ts PORT LINES ATTACK`. Sends its parent `AttackBytes` on
 * each message from it.
 */
import process from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Attack, allAttacks } from './attacks.ts'
import { Cut, Line } from './line.ts'

/** What all hostile clients have sent and read, in bytes, and how many WebSockets and answers the server gave them. */
export interface AttackBytes {
  sent: number
  received: number
  connections: number
  answers: number
}

const [port, count, name] = process.argv.slice(2)
const { run } = allAttacks[name as string] as Attack
const lines = Array.from({ length: Number(count) }, (_, number) => new Line(number, Number(port)))

process.on('message', () => {
  const sum = (figure: keyof AttackBytes): number => lines.reduce((sum, line) => sum + line[figure], 0)
  const [sent, received] = [sum('sent'), sum('received')]
  process.send?.({ sent, received, connections: sum('connections'), answers: sum('answers') } satisfies AttackBytes)
})
process.on('disconnect', () => process.exit())
await Promise.all(lines.map(attack))

async function attack(line: Line): Promise<never> {
  for (;;) {
    try {
      await run(line)
    } catch (cause) {
      if (!(cause instanceof Cut)) throw cause
    }
    await nextTurn()
  }
}
