import type { Client } from '../load/client.ts'

export const enter = (client: Client, room: string): Promise<unknown> =>
  client.talk((wire) => client.speaker.enter(wire, room))

export async function leave({ talk, speaker }: Client): Promise<void> {
  const { leave } = speaker
  if (leave === undefined) throw new Error('Cannot leave a room on a server that knows no leaving')
  await talk(leave)
}

/**
 * Lets each worker join its own room and leave it again.
 *
 * @returns a function that runs one turn of a worker
 */
export function comeAndGo(workers: readonly Client[]): (worker: number) => Promise<void> {
  return async (worker) => {
    const client = workers[worker] as Client
    await enter(client, `room ${worker}`)
    await leave(client)
  }
}

/** Converts seconds to µs; undefined if the system has no /proc. */
export const microseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1e6
