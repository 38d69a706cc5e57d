import type { Client } from '../load/client.ts'

export const enter = (client: Client, room: string): Promise<unknown> =>
  client.talk((wire) => client.speaker.enter(wire, room))

export async function leave({ talk, speaker }: Client): Promise<void> {
  const { leave } = speaker
  if (leave === undefined) throw new Error('Cannot leave a room on a server that knows no leaving')
  await talk(leave)
}

/** µs; undefined where the system does not tell. */
export const microseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1e6
