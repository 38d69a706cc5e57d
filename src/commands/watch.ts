import type { Membership } from '../peer/mod.ts'
import { program } from '../server/runtime/program.ts'
import { readArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { inRoom } from './in-room.ts'
import { pause } from './pause.ts'
import { ROOM_HELP, readRoomOptions, roomFlags } from './room-options.ts'
import { linesOf, RoomView } from './room-view.ts'

/** How often it is looked, in ms. */
const PERIOD = 1_000

/** Prints who is in a room and what they publish. */
export const command: Command = {
  help: `Usage: mod.ts watch [options]

Prints who is in a room, and a line for each stream: what it is, its nominal rate and its rate in the last second,
samples so far, and those that were missed. It is refreshed in a terminal, and else printed anew every second.

Options:
  --json           print a line of JSON every second
${ROOM_HELP}

With Deno: deno run -P=peer mod.ts watch`,
  async run(args) {
    const { values } = readArguments(args, [], { ...roomFlags, json: { type: 'boolean' } })
    await inRoom(readRoomOptions(values, 'watch'), (room, signal) => watch(room, values.json === true, signal))
  },
}

async function watch(room: Membership, json: boolean, signal: AbortSignal): Promise<void> {
  const view = new RoomView(room)
  while (!signal.aborted) {
    await pause(PERIOD, signal)
    const snapshot = await view.look()
    if (json) program.print(JSON.stringify(snapshot))
    else program.table(linesOf(snapshot))
  }
}
