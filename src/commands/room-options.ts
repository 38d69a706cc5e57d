import { runtime } from '../server/runtime/mod.ts'
import { UsageError } from './command.ts'

/** Which room, where, and as whom. */
export interface RoomOptions {
  url: string
  room: string
  name: string
  token: string | undefined
}

/** What every command takes that enters a room, for `parseArgs`. */
export const roomFlags = {
  url: { type: 'string' },
  room: { type: 'string' },
  name: { type: 'string' },
  token: { type: 'string' },
} as const

export const ROOM_HELP = `  --url URL        of the server (default ws://localhost:8080/signal)
  --room NAME      which is made where it is missing (default lab)
  --name TEXT      what others see
  --token TOKEN    who you are, for servers that ask; better as TOKEN in the environment, which nobody else can list
  --help           show this text`

/** @param name what others see where nothing was given */
export function readRoomOptions(
  values: { [Flag in keyof typeof roomFlags]?: string | undefined },
  name: string,
): RoomOptions {
  const room = values.room ?? 'lab'
  if (room === '') throw new UsageError('Cannot enter a room as --room must be its name: it is empty')
  return {
    url: values.url ?? 'ws://localhost:8080/signal',
    room,
    name: values.name ?? name,
    token: values.token ?? runtime.env('TOKEN'),
  }
}

/**
 * A number that was given.
 *
 * @param name of the flag, such as `--speed`
 * @throws UsageError
 */
export function readNumber(text: string, name: string, fits: (value: number) => boolean, must: string): number {
  const value = Number(text)
  if (text.trim() !== '' && fits(value)) return value
  throw new UsageError(`Cannot go on as ${name} must be ${must}: it is ${text}`)
}
