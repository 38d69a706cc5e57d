import { type DialectName, dialects } from '../dialects/dialect.ts'
import type { Data, Speaker, Wire } from '../dialects/speaker.ts'

/** One connection of the load generator. It uses the standard WebSocket, which all three runtimes have. */
export interface Client {
  socket: WebSocket
  speaker: Speaker
  /** Runs `work`, which reads incoming messages one after the other. `onmessage` is not called meanwhile. */
  talk<Result>(work: (wire: Wire) => Promise<Result>): Promise<Result>
  /** Called for each message outside `talk`. By default it only sends the answer that the server expects. */
  onmessage(data: Data): void
  /** Called when the server closes the connection. By default it throws, which ends the program. */
  onclose(error: Error): void
}

/**
 * Connects and completes the server's handshake.
 *
 * @throws Error if the server closes the connection
 */
export async function openClient(origin: string, dialect: DialectName): Promise<Client> {
  const speaker = dialects[dialect]()
  const socket = new WebSocket(`${origin}${speaker.path}`, speaker.protocols)
  socket.binaryType = 'arraybuffer'
  // Messages for `talk`, or undefined while nothing talks. Starts empty: a greeting may arrive before the first `talk`.
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
