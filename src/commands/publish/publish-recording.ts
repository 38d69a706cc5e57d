import type { Membership, PushPublication } from '../../peer/mod.ts'
import { program } from '../../server/runtime/program.ts'
import { MAX_TEXT_LENGTH, now, type StreamDescription } from '../../streams/mod.ts'
import { toName } from '../../unicode/names.ts'
import { Failure } from '../shared/command.ts'
import { counted } from '../shared/counted.ts'
import { inRoom } from '../shared/in-room.ts'
import type { RoomOptions } from '../shared/room-options.ts'
import { openPlayable, type Playable } from './playable.ts'
import { play } from './player.ts'
import { finish, receiversAre } from './receivers.ts'

export interface ReplayOptions {
  path: string
  speed: number
  loop: boolean
}

/**
 * Replays a file in a room.
 *
 * @throws Failure also if a part of the file is unreadable, after publishing the rest
 */
export async function publishRecording(options: RoomOptions, receivers: number, replay: ReplayOptions): Promise<void> {
  const recording = await openPlayable(replay.path)
  await inRoom(options, async (room, signal) => {
    const publications = publishAll(room, recording.streams)
    await receiversAre(room, receivers, signal)
    await repeat(recording, publications, replay, signal)
    await finish([...publications.values()], signal)
    const samples = [...publications.values()].reduce((sum, publication) => sum + publication.samples, 0)
    program.print(`${replay.path}: ${counted(publications.size, 'stream')}, ${counted(samples, 'sample')} published`)
    const damage = recording.damage()
    if (damage !== undefined) throw new Failure(`${damage}. What could be read was published`)
  })
}

async function repeat(
  recording: Playable,
  publications: ReadonlyMap<number, PushPublication>,
  { speed, loop }: ReplayOptions,
  signal: AbortSignal,
): Promise<void> {
  let origin = now()
  do {
    const length = await play(recording, { publications, origin, speed, signal })
    // The first sample of the next round follows the last one after one sample period.
    origin += length + periodOf(recording.streams)
  } while (loop && !signal.aborted)
}

/** Returns the sample period of the slowest regular stream, in seconds; 1 if there is no regular stream. */
function periodOf(streams: ReadonlyMap<number, StreamDescription>): number {
  const rates = [...streams.values()].map(({ nominalRate }) => nominalRate).filter((rate) => rate > 0)
  return rates.length === 0 ? 1 : 1 / Math.min(...rates)
}

function publishAll(room: Membership, streams: ReadonlyMap<number, StreamDescription>): Map<number, PushPublication> {
  return new Map(
    [...streams].map(([number, description]) => {
      // A file may have a name that the room would reject.
      const name = toName(description.name, MAX_TEXT_LENGTH)
      const publication = room.publish({ ...description, name, timeUnit: 's' })
      publication.addEventListener('error', ({ detail }) => program.complain(`${name}: ${detail.message}`))
      return [number, publication]
    }),
  )
}
