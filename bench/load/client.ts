import { type DialectName, dialects } from '../dialects/dialect.ts'
import type { Data, Speaker, Wire } from '../dialects/speaker.ts'

/** One connection of the load generator, by the WebSocket of the web platform, which all three runtimes have. */
export interface Client {
  socket: WebSocket
  speaker: Speaker
  /** Does something for which what comes has to be read, one after the other. */
  talk<Result>(work: (wire: Wire) => Promise<Result>): Promise<Result>
  /** Hears each message that comes at other times; at first it says what has to be said, and no more. */
  onmessage(data: Data): void
  /** Hears that the server closed the connection; at first that ends the program. */
  onclose(error: Error): void
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
  // Who talks, and what waits to be read; greetings may come before anybody does.
  let waiting: Data[] | undefined = []
  let wake = (): void => {}
  let closed: Error | undefined
  const client: Client = {
    socket,
    speaker,
    async talk(work) {
      waiting ??= []
      try {
        return await work(wire)
      } finally {
        waiting = undefined
      }
    },
    onmessage(data) {
      const answer = speaker.answer?.(data)
      if (answer !== undefined) socket.send(answer)
    },
    onclose(error) {
      throw error
    },
  }
  const wire: Wire = {
    send: (data) => socket.send(data),
    async next() {
      for (;;) {
        const data = waiting?.shift()
        if (data !== undefined) return data
        if (closed !== undefined) throw closed
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
  socket.onmessage = ({ data: came }) => {
    const data = typeof came === 'string' ? came : new Uint8Array(came)
    if (waiting === undefined) return client.onmessage(data)
    waiting.push(data)
    wake()
  }
  await new Promise<void>((resolve) => {
    socket.onopen = () => resolve()
    socket.onclose = ({ code }) => {
      closed = new Error(`The server closed a connection with ${code}`)
      if (waiting === undefined) client.onclose(closed)
      wake()
      resolve()
    }
  })
  await client.talk(speaker.greet)
  return client
}
