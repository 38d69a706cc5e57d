import process from 'node:process'
import type { DialectName } from '../dialects/dialect.ts'
import { type Client, openClient } from './client.ts'

/** So many at a time: a server's queue of connections that wait is not what is measured. */
const AT_ONCE = 100

/** Does it for each number below `count`, so many at once. */
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
 * A connection takes a port of its own for each address that it calls: some 28,000 on Linux, where those of the round
 * before are not free at once. So a server is called by several of this machine's; elsewhere there is but one.
 */
const addressOf = (i: number): string => (process.platform === 'linux' ? `127.0.0.${1 + (i % 8)}` : '127.0.0.1')

/** One of many clients of the server at that port. */
export function openOneOf(i: number, port: number, dialect: DialectName): Promise<Client> {
  return openClient(`ws://${addressOf(i)}:${port}`, dialect)
}
