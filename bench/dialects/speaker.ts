import type { Signal } from '../shared/signals.ts'

/** One message of a WebSocket. */
export type Data = string | Uint8Array<ArrayBuffer>

/** By what a server calls a client. */
export type Address = number | string

/** A connection while it is set up: what comes is read one after the other. */
export interface Wire {
  send(data: Data): void
  next(): Promise<Data>
}

/** How one client of a server speaks, in one connection; it does what the server's own clients do. */
export interface Speaker {
  /** Path and query of the WebSocket. */
  path: string
  protocols: string[]
  /** Does whatever comes before a client is there. */
  greet(wire: Wire): Promise<void>
  /** Enters a room; how a peer in it reaches this client. */
  enter(wire: Wire, room: string): Promise<Address>
  /** Leaves the room again, where the server knows such a thing. */
  leave?(wire: Wire): Promise<void>
  encode(to: Address, signal: Signal): Data
  /** The signal in what came, or undefined where it is something else. */
  decode(data: Data): Signal | undefined
  /** What has to be said to something else that came, or after a signal. */
  answer?(data: Data): Data | undefined
}

/** Reads on until something passes. */
export async function nextOf<Message>(wire: Wire, read: (data: Data) => Message | undefined): Promise<Message> {
  for (;;) {
    const message = read(await wire.next())
    if (message !== undefined) return message
  }
}
