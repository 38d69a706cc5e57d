import { root } from '../shared/processes.ts'

/** The smallest program that uses a library for its purpose. A bundler then keeps everything that an app would need. */
export interface App {
  name: string
  /** The library's package, whose version the report shows; undefined for ours. */
  package?: string
  code: string
  /** Imports that the bundler replaces, by the name of the import. */
  aliases: Readonly<Record<string, string>>
}

export const OURS = 'ours, with simple-peer'
/** For apps that configure their bundler as `FROM_SOURCES` does. */
export const SMALL = 'ours, with simple-peer from its sources'

/** Resolves our package's name to the source in this repository. */
const OUR_ENTRY = { 'datastreams-webrtc/peer': `${root}src/peer/mod.ts` }

/** The aliases of docs/getting-started.md for a smaller bundle. */
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
