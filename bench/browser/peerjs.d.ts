/** The part of PeerJS that the benches use. The type checker cannot find the package in bench/packages. */
declare module 'peerjs' {
  interface DataConnection {
    readonly dataChannel: RTCDataChannel
    on(event: 'open', listener: () => void): void
    on(event: 'data', listener: (data: unknown) => void): void
    on(event: 'error', listener: (error: Error) => void): void
    send(data: unknown): void
  }
  export class Peer {
    constructor(id: string, options: { host: string; port: number; path: string; config: RTCConfiguration })
    on(event: 'open', listener: () => void): void
    on(event: 'connection', listener: (connection: DataConnection) => void): void
    on(event: 'error', listener: (error: Error) => void): void
    connect(id: string, options?: { reliable?: boolean }): DataConnection
  }
}
