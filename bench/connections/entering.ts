import type { Client } from '../load/client.ts'

export const enter = (client: Client, room: string): Promise<unknown> =>
  client.talk((wire) => client.speaker.enter(wire, room))

export async function leave({ talk, speaker }: Client): Promise<void> {
  const { leave } = speaker
  if (leave === undefined) throw new Error('Cannot leave a room on a server that knows no leaving')
  await talk(leave)
}

/**
 * Each of the workers enters a room of its own, and leaves it again.
 *
 * @returns the turn of one of them
 */
export function comeAndGo(workers: readonly Client[]): (worker: number) => Promise<void> {
  return async (worker) => {
    const client = workers[worker] as Client
    await enter(client, `room ${worker}`)
    await leave(client)
  }
}

/** µs; undefined where the system does not tell. */
export const microseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1e6
