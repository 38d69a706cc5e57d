import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ClientOptions, WebSocket } from 'ws'
import { decodeFrame, encodeFrame, type Frame, Op, SUBPROTOCOL } from '../../mod.ts'
import { tokenOf } from '../shared/tokens.ts'

/** A connection was refused or closed. An attack begins again then. */
export class Cut extends Error {}

/** Bytes that may wait in this process. Few are enough to keep the socket busy, and more would not have been sent. */
const MOST_WAITING = 65_536
/** Messages of one connection before the others have their turn. */
const BATCH = 16

/** One hostile client. Each has an address of its own, as if all came from different networks. */
export class Line {
  readonly number: number
  readonly #port: number
  readonly #open = new Set<Socket>()
  #sent = 0
  #received = 0
  /** WebSockets that the server has accepted. */
  connections = 0
  /** Requests that the server has answered. */
  answers = 0

  constructor(number: number, port: number) {
    this.number = number
    this.#port = port
  }

  /** Bytes that this client has sent, as far as the system took them. */
  get sent(): number {
    return Array.from(this.#open, sentBy).reduce((sum, bytes) => sum + bytes, this.#sent)
  }

  /** Bytes that this client has read. */
  get received(): number {
    return Array.from(this.#open, ({ bytesRead }) => bytesRead).reduce((sum, bytes) => sum + bytes, this.#received)
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`
  }

  get #address(): string {
    return `198.18.${this.number >> 8}.${this.number & 255}`
  }

  /** The start of a request, without the empty line that ends it. */
  head(path: string): string {
    return `GET ${path} HTTP/1.1\r\nHost: ${this.host}\r\nX-Forwarded-For: ${this.#address}\r\n`
  }

  async tcp(): Promise<Socket> {
    const socket = this.#follow(connect(this.#port, '127.0.0.1'))
    await Promise.race([once(socket, 'connect'), closed(socket)])
    if (socket.destroyed) throw new Cut('The server refused a connection')
    return socket
  }

  /** Opens a WebSocket without a token. */
  async stranger(protocols: string[] = [SUBPROTOCOL]): Promise<Signal> {
    const options: ClientOptions = { perMessageDeflate: false, headers: { 'x-forwarded-for': this.#address } }
    const socket = new WebSocket(`ws://${this.host}/signal`, protocols, options)
    let tcp: Socket | undefined
    socket.on('upgrade', (response) => {
      tcp = this.#follow(response.socket)
    })
    const over = closed(socket)
    await Promise.race([new Promise((resolve) => socket.once('open', resolve)), over])
    if (tcp === undefined) throw new Cut('The server refused a WebSocket')
    this.connections++
    return new Signal(socket, tcp, over, () => this.answers++)
  }

  /** Opens a WebSocket and sends a valid token. */
  async user(hello: object = {}): Promise<Signal> {
    const signal = await this.stranger()
    await signal.request(Op.hello, { ...hello, token: await tokenOf(`hostile ${this.number}`) })
    return signal
  }

  #follow(socket: Socket): Socket {
    this.#open.add(socket)
    socket.once('close', () => {
      this.#open.delete(socket)
      this.#sent += sentBy(socket)
      this.#received += socket.bytesRead
    })
    return socket
  }
}

/** A WebSocket to the server that also shows its TCP connection. */
export class Signal {
  readonly tcp: Socket
  readonly #socket: WebSocket
  readonly #over: Promise<void>
  readonly #answers = new Map<number, (frame: Frame) => void>()
  #seq = 0

  /** @param onanswer called for each answer to `request` */
  constructor(socket: WebSocket, tcp: Socket, over: Promise<void>, onanswer: () => void) {
    this.tcp = tcp
    this.#socket = socket
    this.#over = over
    socket.on('message', (data: Buffer) => {
      if (data[1] !== Op.ok && data[1] !== Op.error) return
      const frame = decodeFrame(new Uint8Array(data), Number.POSITIVE_INFINITY)
      const answered = this.#answers.get(frame[1] as number)
      if (answered === undefined) return
      onanswer()
      answered(frame)
    })
  }

  send(frame: Uint8Array): void {
    this.#socket.send(frame)
  }

  /** @throws Cut if the server refuses the request or closes the connection */
  async request<Result>(op: number, body: unknown): Promise<Result> {
    const seq = ++this.#seq
    const answer = new Promise<Frame>((resolve) => this.#answers.set(seq, resolve))
    this.send(encodeFrame([op, seq, body] as Frame))
    const frame = await Promise.race([answer, this.#over])
    this.#answers.delete(seq)
    if (frame?.[0] !== Op.ok) throw new Cut(`The server refused a request: ${JSON.stringify(frame)}`)
    return frame[2] as Result
  }

  /** Ends the connection without a closing handshake. */
  cut(): void {
    this.#socket.terminate()
  }
}

/** Calls `send` as often as the connection takes messages, until it closes or `most` messages were sent. */
export async function pour(
  tcp: Socket,
  send: (turn: number) => void,
  most: number = Number.POSITIVE_INFINITY,
): Promise<void> {
  for (let turn = 0; tcp.writable && turn < most; ) {
    for (let i = 0; i < BATCH && turn < most && tcp.writableLength < MOST_WAITING; i++) send(turn++)
    if (tcp.writableLength < MOST_WAITING) await nextTurn()
    else await drained(tcp)
  }
}

/** Waits until the connection takes more, or is closed. */
function drained(tcp: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      tcp.off('drain', done).off('close', done)
      resolve()
    }
    tcp.on('drain', done).on('close', done)
  })
}

/** Waits until a connection is closed. A 'close' follows each error. */
export function closed(socket: Socket | WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => {})
    socket.once('close', () => resolve())
  })
}

const sentBy = ({ bytesWritten, writableLength }: Socket): number => bytesWritten - writableLength
