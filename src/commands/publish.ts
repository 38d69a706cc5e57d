import type { Flags } from '../server/program/flags.ts'
import { helpFlag } from '../server/program/help.ts'
import { inputFlags, readInputOptions } from './publish/input-options.ts'
import { publishInput } from './publish/publish-input.ts'
import { publishRecording } from './publish/publish-recording.ts'
import { readArguments } from './shared/arguments.ts'
import { type Command, UsageError } from './shared/command.ts'
import { readNumber, readRoomOptions, roomFlags } from './shared/room-options.ts'

const MAX_RECEIVERS = 1_024
const MAX_SPEED = 1_000

const options = {
  speed: { type: 'string', value: 'X', help: 'replays X times as fast (default 1)' },
  loop: { type: 'boolean', help: 'starts again at the end, until Ctrl-C' },
  'wait-for': { type: 'string', value: 'N', help: 'waits until N peers are connected (default 0)' },
  ...inputFlags,
  ...roomFlags,
  help: helpFlag,
} as const satisfies Flags

/** Publishes a recording or standard input. */
export const command: Command = {
  usage: ['mod.ts publish FILE [options]', 'PROGRAM | mod.ts publish --stdin --rate HZ --channels N [options]'],
  about: `Replays a recording (XDF, OpenBCI text, CSV) at its own pace, with all its streams and their descriptions.
Timestamps start now and keep the spacing of the file. Or publishes standard input, one sample a line. A line that is
not valid is reported with its number and skipped; the exit code is then 1. The command ends when every connected peer
has received everything.`,
  options,
  deno: 'deno run -P=peer mod.ts publish FILE',
  async run(args) {
    const { values, positionals } = readArguments(args, args.includes('--stdin') ? [] : ['FILE'], options)
    const [path] = positionals
    const room = readRoomOptions(values, 'publish')
    const receivers = readNumber(
      values['wait-for'] ?? '0',
      '--wait-for',
      (count) => Number.isInteger(count) && count >= 0 && count <= MAX_RECEIVERS,
      `in 0..${MAX_RECEIVERS}`,
    )
    const speed = readNumber(
      values.speed ?? '1',
      '--speed',
      (speed) => speed > 0 && speed <= MAX_SPEED,
      `more than 0 and at most ${MAX_SPEED}`,
    )
    const misplaced = Object.keys(path === undefined ? { speed, loop: true } : inputFlags).find(
      (flag) => values[flag as keyof typeof values] !== undefined,
    )
    if (misplaced !== undefined) {
      throw new UsageError(`Cannot use --${misplaced} ${path === undefined ? 'with --stdin' : 'without --stdin'}`)
    }
    if (path === undefined) await publishInput(room, receivers, readInputOptions(values, values.name))
    else await publishRecording(room, receivers, { path, speed, loop: values.loop === true })
  },
}
