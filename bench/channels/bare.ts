import { messagesOf, roomIn, type Samples, type Signals, type Transport, valuesOf, type Way } from './transport.ts'

/** A bare RTCDataChannel: the limit for all others. */
export const bare: Transport = over({
  say(channel, block, { channels }) {
    for (const message of messagesOf(block, channels)) channel.send(message)
  },
  hear: (data, { format }) => valuesOf(format, data as ArrayBuffer),
})

/** One JSON string for each value, as pages before version 1 send. */
export const json: Transport = over({
  say(channel, block, { channels }) {
    const timestamp = Date.now()
    for (let i = 0; i < block.length; i++) {
      channel.send(JSON.stringify({ channel: i % channels, value: block[i], timestamp }))
    }
  },
  hear: (data) => [JSON.parse(data as string).value as number],
})

interface Words {
  say(channel: RTCDataChannel, block: Samples, way: Way): void
  hear(data: unknown, way: Way): ArrayLike<number>
}

/** Creates a transport over ordered, reliable data channels. */
function over({ say, hear }: Words): Transport {
  return {
    async send(way) {
      const channels = await Promise.all(Array.from({ length: way.receivers }, (_, i) => offer(way.signals, i)))
      return {
        push(block) {
          for (const channel of channels) say(channel, block, way)
        },
        room: () => roomIn(channels),
      }
    },
    async receive(way, receiver, take) {
      const connection = connect(way.signals, receiver)
      connection.ondatachannel = ({ channel }) => {
        channel.binaryType = 'arraybuffer'
        channel.onmessage = ({ data }) => take(hear(data, way))
      }
    },
  }
}

async function offer(signals: Signals, receiver: number): Promise<RTCDataChannel> {
  const connection = connect(signals, receiver)
  const channel = connection.createDataChannel('samples')
  const opened = new Promise((resolve) => channel.addEventListener('open', resolve))
  await connection.setLocalDescription()
  signals.send(receiver, connection.localDescription?.toJSON())
  await opened
  return channel
}

function connect(signals: Signals, receiver: number): RTCPeerConnection {
  const connection = new RTCPeerConnection()
  connection.onicecandidate = ({ candidate }) => {
    if (candidate !== null) signals.send(receiver, candidate.toJSON())
  }
  signals.listen(receiver, async (signal) => {
    if (!(signal as RTCSessionDescriptionInit).type)
      return void connection.addIceCandidate(signal as RTCIceCandidateInit)
    const description = signal as RTCSessionDescriptionInit
    const described = connection.setRemoteDescription(description)
    if (description.type !== 'offer') return described
    await described
    await connection.setLocalDescription()
    signals.send(receiver, connection.localDescription?.toJSON())
  })
  return connection
}
