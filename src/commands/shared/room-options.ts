import { runtime } from '../../server/runtime/mod.ts'
import { UsageError } from './command.ts'

/** The room, its server, and the user. */
export interface RoomOptions {
  url: string
  room: string
  name: string
  token: string | undefined
}

/** The options of every command that joins a room. */
export const roomFlags = {
  url: { type: 'string', value: 'URL', help: 'the server (default ws://localhost:8080/signal)' },
  room: { type: 'string', value: 'NAME', help: 'the room; it is created if it does not exist (default lab)' },
  name: { type: 'string', value: 'TEXT', help: "what peers see (default: the command's name)" },
  token: {
    type: 'string',
    value: 'TOKEN',
    help: 'your token, if the server requires one; prefer TOKEN in the environment, which other users of the machine cannot see',
  },
} as const

/**
 * Reads the options of a room.
 *
 * @param name what peers see without `--name`
 * @throws UsageError if the name of the room is empty
 */
export function readRoomOptions(
  values: { [Flag in keyof typeof roomFlags]?: string | undefined },
  name: string,
): RoomOptions {
  const room = values.room ?? 'lab'
  if (room === '') throw new UsageError('Cannot join a room: --room is empty')
  return {
    url: values.url ?? 'ws://localhost:8080/signal',
    room,
    name: values.name ?? name,
    token: values.token ?? runtime.env('TOKEN'),
  }
}

/**
 * Reads a number.
 *
 * @param name of the option, such as `--speed`
 * @param must describes the valid values, for the error
 * @throws UsageError if the text is not a number, or the number does not fit
 */
export function readNumber(text: string, name: string, fits: (value: number) => boolean, must: string): number {
  const value = Number(text)
  if (text.trim() !== '' && fits(value)) return value
  throw new UsageError(`${name} must be ${must}: it is ${text}`)
}
