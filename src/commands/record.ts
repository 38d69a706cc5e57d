import type { Membership, RoomRecording } from '../peer/mod.ts'
import type { Flags } from '../server/program/flags.ts'
import { helpFlag } from '../server/program/help.ts'
import { within } from '../server/runtime/port.ts'
import { program } from '../server/runtime/program.ts'
import { userFiles } from '../server/runtime/user-files.ts'
import { readArguments } from './shared/arguments.ts'
import { type Command, UsageError } from './shared/command.ts'
import { counted } from './shared/counted.ts'
import { inRoom, LEAVE_TIMEOUT } from './shared/in-room.ts'
import { pause } from './shared/pause.ts'
import { readNumber, readRoomOptions, roomFlags } from './shared/room-options.ts'

/** Interval between updates of the progress line, in ms. */
const PERIOD = 500
/** Longest time that a timer can hold, in seconds. */
const MAX_SECONDS = 2_147_483

const options = {
  out: { type: 'string', value: 'FILE', help: 'the file to write; it must not exist' },
  force: { type: 'boolean', help: 'overwrites an existing file' },
  seconds: { type: 'string', value: 'N', help: 'stops after N seconds' },
  ...roomFlags,
  help: helpFlag,
} as const satisfies Flags

/** Records a room to a file. */
export const command: Command = {
  usage: ['mod.ts record --out FILE.xdf [options]'],
  about: `Records everything that others publish in a room to an XDF file, until Ctrl-C. The file has all values and
timestamps as they were published, and the offset of each publisher's clock. If the command is interrupted, the file is
readable up to that point.`,
  options,
  deno: 'deno run -P=peer mod.ts record --out FILE.xdf',
  async run(args) {
    const { values } = readArguments(args, [], options)
    const { out, force = false } = values
    if (out === undefined) throw new UsageError('--out is missing: name the file to write')
    const fits = (seconds: number) => seconds > 0 && seconds <= MAX_SECONDS
    const seconds =
      values.seconds === undefined ? MAX_SECONDS : readNumber(values.seconds, '--seconds', fits, `in 0..${MAX_SECONDS}`)
    const room = readRoomOptions(values, 'record')
    if (!force) await userFiles.mustBeNew(out)
    await inRoom(room, (room, signal) => record(room, openedLater(out, force), { out, seconds, signal }))
  },
}

/**
 * Returns a stream that creates the file after the command has joined the room. Recording must start without waiting
 * for the disk, and a failed join must leave no file.
 */
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
  recording.addEventListener('error', ({ detail }) => program.complain(detail.message))
  const over = new AbortController()
  const timer = setInterval(() => program.progress(told(out, recording)), PERIOD)
  try {
    await Promise.race([recording.closed, pause(seconds * 1_000, AbortSignal.any([signal, over.signal]))])
    // Leave before the file is finished: what peers still send must not delay that.
    await Promise.all([recording.stop(), within(LEAVE_TIMEOUT, room.leave())])
  } finally {
    over.abort()
    clearInterval(timer)
    program.progress('')
    program.print(told(out, recording))
  }
}

function told(out: string, recording: RoomRecording): string {
  const { streams, omitted, samples, missed, seconds, bytes } = recording.stats()
  const rate = (samples / Math.max(seconds, 0.001)).toFixed(1)
  const without = omitted === 0 ? '' : ` (${omitted} omitted)`
  return `${out}: ${counted(streams, 'stream')}${without}, ${counted(samples, 'sample')} in ${seconds.toFixed(0)} s (${rate} a second), ${missed} missed, ${bytes} bytes`
}
