/** The smallest program that uses a library for its purpose. A bundler then keeps everything that an app would need. */
export interface App {
  name: string
  /** The library's package, whose version the report shows; undefined for ours. */
  package?: string
  code: string
}

export const OURS = 'ours, with simple-peer'
/** What an app imports besides, for a purpose that few apps have. */
export const OURS_LEGACY: string = `${OURS}, and clients before version 1`
export const OURS_RECORDING: string = `${OURS}, and recordings`

const ourApp = (option = '', more = ''): string => `import { connect } from 'datastreams-webrtc/peer'
const session = await connect('wss://example.org/signal', { info: { name: 'Ada' }, ${option} })
const room = await session.join('lab', { create: true })
const publication = room.publish({ name: 'EEG', format: 'float32', nominalRate: 250 })
publication.push([1])
room.addEventListener('peer', ({ detail: peer }) => {
  peer.addEventListener('stream', async ({ detail: stream }) => {
    for await (const chunk of stream) console.log(chunk)
  })
})
${more}`

export const apps: readonly App[] = [
  { name: OURS, code: ourApp() },
  {
    name: OURS_LEGACY,
    code: `import { legacyClients } from 'datastreams-webrtc/legacy'\n${ourApp('legacyClients')}`,
  },
  {
    name: OURS_RECORDING,
    code: `import { recording } from 'datastreams-webrtc/recording'
${ourApp('recording', 'room.record(new WritableStream())')}`,
  },
  {
    name: 'peerjs',
    package: 'peerjs',
    code: `import { Peer } from 'peerjs'
const peer = new Peer()
peer.on('connection', (connection) => connection.on('data', console.log))
peer.connect('other').send([1])`,
  },
  {
    name: 'trystero',
    package: 'trystero',
    code: `import { joinRoom } from 'trystero'
const room = joinRoom({ appId: 'lab' }, 'lab')
const [send, get] = room.makeAction('data')
get(console.log)
send([1])`,
  },
  {
    name: 'livekit-client',
    package: 'livekit-client',
    code: `import { Room, RoomEvent } from 'livekit-client'
const room = new Room()
room.on(RoomEvent.DataReceived, console.log)
await room.connect('wss://example.org', 'token')
await room.localParticipant.publishData(new Uint8Array([1]))`,
  },
]
