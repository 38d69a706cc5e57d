import process from 'node:process'
import type { DialectName } from '../dialects/dialect.ts'
import { type Client, openClient } from './client.ts'

/** Calls at the same time. More would measure the server's queue of waiting connections. */
const AT_ONCE = 100

/** Calls `work` with each number below `count`, 100 at a time. */
export async function forEachOf<Result>(count: number, work: (i: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const i = next++
      results[i] = await work(i)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker))
  return results
}

/**
 * Each connection needs a local port for each destination address. Linux has about 28,000, and those of the previous
 * round are not free at once. So on Linux the clients use eight loopback addresses; other systems have only one.
 */
const addressOf = (i: number): string => (process.platform === 'linux' ? `127.0.0.${1 + (i % 8)}` : '127.0.0.1')

/** Opens one of many clients of the server at this port. */
export function openOneOf(i: number, port: number, dialect: DialectName): Promise<Client> {
  return openClient(`ws://${addressOf(i)}:${port}`, dialect)
}
