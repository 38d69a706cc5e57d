import { readArguments } from './arguments.ts'
import { type Command, UsageError } from './command.ts'
import { inputFlags, readInputOptions } from './input-options.ts'
import { publishInput } from './publish-input.ts'
import { publishRecording } from './publish-recording.ts'
import { ROOM_HELP, readNumber, readRoomOptions, roomFlags } from './room-options.ts'

const MAX_RECEIVERS = 1_024
const MAX_SPEED = 1_000

/** Publishes a recording, or what another program prints. */
export const command: Command = {
  help: `Usage: mod.ts publish FILE [options]
       PROGRAM | mod.ts publish --stdin --rate HZ --channels N [options]

Replays a recording (XDF, OpenBCI's .txt, CSV) at its own pace, all its streams with their descriptions; timestamps
begin now and are spaced as in the file. Or publishes what comes from standard input, one sample a line. Ends with 0
when everybody who is there has everything.

Options:
  --speed X        replay X times as fast (default 1)
  --loop           begin again at the end, until Ctrl-C
  --wait-for N     begin when N others are connected (default 0)

  --stdin          read samples from standard input: N numbers a line, separated by commas, spaces or tabs
  --input msgpack  the same as msgpack arrays of N values, one behind the other (default lines)
  --rate HZ        nominal rate (default 0: samples come when they come)
  --channels N     values of each sample (default 1, or as many as there are labels)
  --labels A,B,…   one for each channel
  --unit UNIT      of all channels, such as µV
  --format FORMAT  float32 (default), float64, int8, int16, int24, int32, int64 or string
  --type TYPE      such as EEG; the stream is named after it
A line that cannot be used is told with its number and left out; the exit code is then 1.

${ROOM_HELP}

With Deno: deno run -P=peer mod.ts publish FILE`,
  async run(args) {
    const { values, positionals } = readArguments(args, args.includes('--stdin') ? [] : ['FILE'], {
      ...roomFlags,
      ...inputFlags,
      speed: { type: 'string' },
      loop: { type: 'boolean' },
      'wait-for': { type: 'string' },
    })
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
