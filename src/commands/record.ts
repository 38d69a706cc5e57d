import type { Membership, RoomRecording } from '../peer/mod.ts'
import { program } from '../server/runtime/program.ts'
import { userFiles } from '../server/runtime/user-files.ts'
import { readArguments } from './arguments.ts'
import { type Command, UsageError } from './command.ts'
import { counted } from './counted.ts'
import { inRoom } from './in-room.ts'
import { pause } from './pause.ts'
import { ROOM_HELP, readNumber, readRoomOptions, roomFlags } from './room-options.ts'

/** How often the terminal is told, in ms. */
const PERIOD = 500
/** Longest that a timer can hold, in seconds. */
const MAX_SECONDS = 2_147_483

/** Writes everything in a room to a file. */
export const command: Command = {
  help: `Usage: mod.ts record --out FILE.xdf [options]

Writes everything that others in a room publish to an XDF file, until Ctrl-C: values and timestamps as they were given,
and how each publisher's clock stands to this one's. Whatever happens, what was written by then can be read.

Options:
  --out FILE       to write to; it must not be there yet
  --force          write over a file that is there
  --seconds N      stop after so long
${ROOM_HELP}

With Deno: deno run -P=peer mod.ts record --out FILE.xdf`,
  async run(args) {
    const { values } = readArguments(args, [], {
      ...roomFlags,
      out: { type: 'string' },
      force: { type: 'boolean' },
      seconds: { type: 'string' },
    })
    const { out, force = false } = values
    if (out === undefined) throw new UsageError('Cannot record as --out must be the file to write to: it is missing')
    const fits = (seconds: number) => seconds > 0 && seconds <= MAX_SECONDS
    const seconds =
      values.seconds === undefined ? MAX_SECONDS : readNumber(values.seconds, '--seconds', fits, `in 0..${MAX_SECONDS}`)
    const options = readRoomOptions(values, 'record')
    if (!force) await userFiles.mustBeNew(out)
    await inRoom(options, (room, signal) => record(room, openedLater(out, force), { out, seconds, signal }))
  },
}

/** A file that is made once there is a room: listening cannot wait for the disk, and nothing is made in vain. */
function openedLater(path: string, force: boolean): WritableStream<Uint8Array> {
  let writer: WritableStreamDefaultWriter<Uint8Array>
  return new WritableStream<Uint8Array>({
    async start() {
      writer = (await userFiles.create(path, force)).getWriter()
    },
    write: (bytes) => writer.write(bytes),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  })
}

async function record(
  room: Membership,
  destination: WritableStream<Uint8Array>,
  { out, seconds, signal }: { out: string; seconds: number; signal: AbortSignal },
): Promise<void> {
  const recording = room.record(destination)
  const over = new AbortController()
  const timer = setInterval(() => program.progress(told(out, recording)), PERIOD)
  try {
    await Promise.race([recording.closed, pause(seconds * 1_000, AbortSignal.any([signal, over.signal]))])
    await recording.stop()
  } finally {
    over.abort()
    clearInterval(timer)
    program.progress('')
    program.print(told(out, recording))
  }
}

function told(out: string, recording: RoomRecording): string {
  const { streams, samples, missed, seconds, bytes } = recording.stats()
  const rate = (samples / Math.max(seconds, 0.001)).toFixed(1)
  return `${out}: ${counted(streams, 'stream')}, ${counted(samples, 'sample')} in ${seconds.toFixed(0)} s (${rate} a second), ${missed} missed, ${bytes} bytes`
}
