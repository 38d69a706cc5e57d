/** The smallest program of each that uses what it is for, so that a bundler leaves out nothing that an app would need. */
export interface App {
  name: string
  /** The package that it is about, whose version is told; none for ours. */
  package?: string
  code: string
}

export const OURS = 'ours, with simple-peer'

/** What the entry of our companion is imported by, which each bundler is told the file of. */
export const OUR_ENTRY = 'datastreams-webrtc/peer'

export const apps: readonly App[] = [
  {
    name: OURS,
    code: `import { connect } from '${OUR_ENTRY}'
const session = await connect('wss://example.org/signal', { info: { name: 'Ada' } })
const room = await session.join('lab', { create: true })
const publication = room.publish({ name: 'EEG', format: 'float32', nominalRate: 250 })
publication.push([1])
room.addEventListener('peer', ({ detail: peer }) => {
  peer.addEventListener('stream', async ({ detail: stream }) => {
    for await (const chunk of stream) console.log(chunk)
  })
})`,
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
