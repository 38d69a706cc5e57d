import type { Signal } from '../shared/signals.ts'

/** One WebSocket message. */
export type Data = string | Uint8Array<ArrayBuffer>

/** How a server addresses a client. */
export type Address = number | string

/** A connection during setup: messages are read one after the other. */
export interface Wire {
  send(data: Data): void
  next(): Promise<Data>
}

/** The protocol of one client on one connection. It does what the server's own clients do. */
export interface Speaker {
  /** Path and query of the WebSocket. */
  path: string
  protocols: string[]
  /** Completes the server's handshake. */
  greet(wire: Wire): Promise<void>
  /** Joins a room. Returns the address by which a peer in the room reaches this client. */
  enter(wire: Wire, room: string): Promise<Address>
  /** Leaves the room, if the server supports it. */
  leave?(wire: Wire): Promise<void>
  /** Asks for announcements of all rooms, if the server has them. */
  subscribe?(wire: Wire): Promise<void>
  encode(to: Address, signal: Signal): Data
  /** Returns the signal in a message, or undefined for any other message. */
  decode(data: Data): Signal | undefined
  /** Returns the answer that the server expects to a message, if any. */
  answer?(data: Data): Data | undefined
}

/** Reads messages until `read` returns a value. */
export async function nextOf<Message>(wire: Wire, read: (data: Data) => Message | undefined): Promise<Message> {
  for (;;) {
    const message = read(await wire.next())
    if (message !== undefined) return message
  }
}
