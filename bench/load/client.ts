import { type Data, type DialectName, dialects, type Speaker, type Wire } from '../dialects/dialect.ts'

/** One connection of the load generator, by the WebSocket of the web platform, which all three runtimes have. */
export interface Client {
  socket: WebSocket
  speaker: Speaker
  /** Reads what comes, one after the other, until `onmessage` is another. */
  wire: Wire
  /** Hears each message. */
  onmessage(data: Data): void
}

/**
 * Connects, and does what comes before a client is there.
 *
 * @throws Error where the server closes the connection
 */
export async function openClient(origin: string, dialect: DialectName): Promise<Client> {
  const speaker = dialects[dialect]()
  const socket = new WebSocket(`${origin}${speaker.path}`, speaker.protocols)
  socket.binaryType = 'arraybuffer'
  const waiting: Data[] = []
  let wake = (): void => {}
  let closed: number | undefined
  const wire: Wire = {
    send: (data) => socket.send(data),
    async next() {
      while (waiting.length === 0) {
        if (closed !== undefined) throw new Error(`The server closed a connection with ${closed}`)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return waiting.shift() as Data
    },
  }
  const client: Client = {
    socket,
    speaker,
    wire,
    onmessage(data) {
      waiting.push(data)
      wake()
    },
  }
  socket.onmessage = ({ data }) => client.onmessage(typeof data === 'string' ? data : new Uint8Array(data))
  await new Promise<void>((resolve) => {
    socket.onopen = () => resolve()
    socket.onclose = ({ code }) => {
      closed = code
      wake()
      resolve()
    }
  })
  await speaker.greet(wire)
  return client
}
