import type { Membership } from '../peer/mod.ts'
import type { Flags } from '../server/program/flags.ts'
import { helpFlag } from '../server/program/help.ts'
import { program } from '../server/runtime/program.ts'
import { visibleJson } from '../unicode/visible.ts'
import { linesOf, RoomView } from './room-view.ts'
import { readArguments } from './shared/arguments.ts'
import type { Command } from './shared/command.ts'
import { inRoom } from './shared/in-room.ts'
import { pause } from './shared/pause.ts'
import { readRoomOptions, roomFlags } from './shared/room-options.ts'

/** Interval between snapshots, in ms. */
const PERIOD = 1_000

const options = {
  json: { type: 'boolean', help: 'prints one line of JSON every second' },
  ...roomFlags,
  help: helpFlag,
} as const satisfies Flags

/** Prints the peers and streams of a room. */
export const command: Command = {
  usage: ['mod.ts watch [options]'],
  about: `Prints the peers of a room and a line for each stream: its name, nominal rate, rate of the last second, samples
so far and samples missed. A line begins with ✓ and the identity of the peer if the server has verified it by a token,
and otherwise with a dash. A terminal is refreshed; other output gets a new table every second.`,
  options,
  deno: 'deno run -P=peer mod.ts watch',
  async run(args) {
    const { values } = readArguments(args, [], options)
    await inRoom(readRoomOptions(values, 'watch'), (room, signal) => watch(room, values.json === true, signal))
  },
}

async function watch(room: Membership, json: boolean, signal: AbortSignal): Promise<void> {
  const view = new RoomView(room)
  while (!signal.aborted) {
    await pause(PERIOD, signal)
    const snapshot = await view.look()
    if (json) program.print(visibleJson(snapshot))
    else program.table(linesOf(snapshot))
  }
}
