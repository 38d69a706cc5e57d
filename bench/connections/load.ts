/**
 * The load generator, which runs in its own process. Its one argument is a `Request` as JSON, whose `what` selects the
 * load. It prints the result as JSON.
 */
import process from 'node:process'
import { idleConnections } from './idle.ts'
import type { Request } from './requests.ts'
import { roomOf, roomSizes } from './room-sizes.ts'
import { storm } from './storm.ts'

const run = { idle: idleConnections, storm, room: roomOf, sizes: roomSizes }
const request = JSON.parse(process.argv[2] as string) as Request
console.log(JSON.stringify(await run[request.what](request as never)))
process.exit()
