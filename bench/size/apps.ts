import { root } from '../shared/processes.ts'

/** The smallest program of each that uses what it is for, so that a bundler leaves out nothing that an app would need. */
export interface App {
  name: string
  /** The package that it is about, whose version is told; none for ours. */
  package?: string
  code: string
  /** What the bundler is told to take for what is imported. */
  aliases: Readonly<Record<string, string>>
}

export const OURS = 'ours, with simple-peer'
/** For apps that tell their bundler so. */
export const SMALL = 'ours, with simple-peer from its sources'

/** Where an app has it as a package. */
const OUR_ENTRY = { 'datastreams-webrtc/peer': `${root}src/peer/mod.ts` }

/** As README says. */
export const FROM_SOURCES: Readonly<Record<string, string>> = {
  'simple-peer/simplepeer.min.js': 'simple-peer',
  ...Object.fromEntries(
    ['buffer', 'debug', 'randombytes', 'readable-stream'].map((name) => [
      name,
      `${root}src/peer/simple-peer/${name}.cts`,
    ]),
  ),
}

const OUR_APP = `import { connect } from 'datastreams-webrtc/peer'
const session = await connect('wss://example.org/signal', { info: { name: 'Ada' } })
const room = await session.join('lab', { create: true })
const publication = room.publish({ name: 'EEG', format: 'float32', nominalRate: 250 })
publication.push([1])
room.addEventListener('peer', ({ detail: peer }) => {
  peer.addEventListener('stream', async ({ detail: stream }) => {
    for await (const chunk of stream) console.log(chunk)
  })
})`

export const apps: readonly App[] = [
  { name: OURS, code: OUR_APP, aliases: OUR_ENTRY },
  { name: SMALL, code: OUR_APP, aliases: { ...OUR_ENTRY, ...FROM_SOURCES } },
  {
    name: 'peerjs',
    package: 'peerjs',
    aliases: {},
    code: `import { Peer } from 'peerjs'
const peer = new Peer()
peer.on('connection', (connection) => connection.on('data', console.log))
peer.connect('other').send([1])`,
  },
  {
    name: 'trystero',
    package: 'trystero',
    aliases: {},
    code: `import { joinRoom } from 'trystero'
const room = joinRoom({ appId: 'lab' }, 'lab')
const [send, get] = room.makeAction('data')
get(console.log)
send([1])`,
  },
  {
    name: 'livekit-client',
    package: 'livekit-client',
    aliases: {},
    code: `import { Room, RoomEvent } from 'livekit-client'
const room = new Room()
room.on(RoomEvent.DataReceived, console.log)
await room.connect('wss://example.org', 'token')
await room.localParticipant.publishData(new Uint8Array([1]))`,
  },
]
