import { legacyClients } from '../../src/peer/legacy/mod.ts'
import { connect, type Delivery, type Membership, type RemotePeer, type Session } from '../../src/peer/mod.ts'
import { recording } from '../../src/peer/recording/mod.ts'
import { peerOf, type RemoteSamples, type RoomPeer, samplesIn } from '../shared/remote-samples.ts'
import { countOf, Device, type Input, type Samples, samplesOf } from './device.ts'

/** What the app sets. */
export interface Settings {
  /** URL of the server's WebSocket, such as `wss://example.org/signal`. */
  url: string
  /** Name of the room, which is created if it does not exist. */
  room: string
  /** The user's name for the other peers; empty for none. */
  name: string
  /** The user's token, or a function that returns a fresh one; empty for none. */
  token: string | (() => string | Promise<string>)
  /** How samples travel to the other peers. */
  delivery: Delivery
  /** Hz; 0 if unknown. It spaces samples that have no timestamp. */
  nominalRate: number
}

/** An error. Its code is that of a SignalError, PeerError or StreamError; for other errors, it is the error's name. */
export interface Fault {
  /** Such as `room-full`. docs/troubleshooting.md explains each code. */
  code: string
  /** For people: what failed, and why. */
  message: string
}

/** What the app can listen to. */
export interface Outputs {
  /** The samples that another peer has just published; undefined before the first. */
  remote: RemoteSamples | undefined
  /** The peer that has joined the room last; undefined before the first. */
  joined: RoomPeer | undefined
  /** The peer that has left the room last; undefined before the first. */
  left: RoomPeer | undefined
  /** Names of the other peers in the room, by id. */
  peers: Record<string, string>
  /** The state of the connection and the room. `closed` and `failed` stay until the component starts again. */
  status: 'idle' | 'connecting' | 'joined' | 'reconnecting' | 'closed' | 'failed'
  /** The last error; undefined before the first. */
  error: Fault | undefined
  /** Number of inputs that were not published. */
  lost: number
}

export interface Connection {
  /** Whether the connection is closed or has failed. */
  readonly over: boolean
  give(input: Input): void
  close(): void
}

/**
 * Most values that are buffered until the room is entered; the oldest are dropped first. It holds half a minute of 8
 * channels at 250 Hz.
 */
const MAX_WAITING = 65_536

/**
 * Connects to the server and joins the room.
 *
 * @param lost number of inputs that were lost before
 * @param output called with each new value of an output; errors that it throws are logged and ignored
 */
export function open(
  settings: Settings,
  lost: number,
  output: (name: keyof Outputs, value: Outputs[keyof Outputs]) => void,
): Connection {
  const leaving = new AbortController()
  const device = new Device()
  const waiting: Samples[][] = []
  let held = 0
  let session: Session | undefined
  let room: Membership | undefined
  let published = false
  let over = false
  let told = ''

  const show = <Name extends keyof Outputs>(name: Name, value: Outputs[Name]) => {
    if (over && name !== 'lost') return
    try {
      output(name, value)
    } catch (cause) {
      // Hosts call the app's listeners from here. An error of a listener must not end the stream.
      console.error(cause)
    }
  }
  const lose = () => {
    lost++
    show('lost', lost)
  }
  const fail = (cause: unknown) => {
    const { code, name, message } = cause as Error & { code?: string }
    show('error', { code: code ?? name, message })
    // The app may not listen to errors, so log them. Log a repeated message once: it may come with every sample.
    if (!over && message !== told) console.error(`WebRTC: ${message}`)
    told = message
  }
  const end = (status: 'closed' | 'failed') => {
    for (const _ of waiting.splice(0)) lose()
    show('peers', {})
    show('status', status)
    over = true
    leaving.abort()
    session?.close()
  }

  const enter = async () => {
    const { url, token, name } = settings
    const info = name === '' ? {} : { name }
    session = await connect(url, { token: token || undefined, info, legacyClients, recording, signal: leaving.signal })
    session.addEventListener('error', ({ detail }) => fail(detail))
    session.addEventListener('reconnecting', () => show('status', 'reconnecting'))
    session.addEventListener('resumed', () => show('status', 'joined'))
    session.addEventListener('close', () => end('closed'))
    room = await session.join(settings.room, { create: true })
    room.addEventListener('peer', ({ detail }) => follow(detail))
    room.addEventListener('peerleave', ({ detail }) => {
      showPeers()
      show('left', peerOf(detail))
    })
    room.addEventListener('removed', ({ detail: { code, reason } }) => fail({ code, message: reason || code }))
    room.addEventListener('close', () => end('closed'))
    show('status', 'joined')
    for (const samples of waiting.splice(0)) publish(samples)
  }
  const follow = (peer: RemotePeer) => {
    showPeers()
    show('joined', peerOf(peer))
    peer.addEventListener('stream', async ({ detail: stream }) => {
      for await (const chunk of stream) show('remote', { ...peerOf(peer), stream: stream.name, ...samplesIn(chunk) })
    })
  }
  const showPeers = () => {
    const players = [...(room?.peers.values() ?? [])].map(peerOf)
    show('peers', Object.fromEntries(players.map(({ peer, name }) => [peer, name])))
  }

  const publish = (samples: Samples[]) => {
    try {
      if (!published) {
        const { delivery, nominalRate } = settings
        const publication = (room as Membership).publish(device, { name: 'devices', delivery, nominalRate })
        publication.addEventListener('error', ({ detail }) => {
          lose()
          fail(detail)
        })
        published = true
      }
      device.push(samples)
    } catch (cause) {
      lose()
      fail(cause)
    }
  }
  const hold = (samples: Samples[]) => {
    waiting.push(samples)
    held += countOf(samples)
    while (held > MAX_WAITING) {
      held -= countOf(waiting.shift() as Samples[])
      lose()
    }
  }

  enter().catch((cause) => {
    fail(cause)
    end('failed')
  })
  show('status', 'connecting')
  return {
    get over() {
      return over
    },
    give(input) {
      try {
        const samples = samplesOf(input, settings.nominalRate)
        if (over) lose()
        else if (room === undefined) hold(samples)
        else publish(samples)
      } catch (cause) {
        lose()
        fail(cause)
      }
    },
    close: () => end('closed'),
  }
}
