import type { Handler } from 'hono'
import type { WebRTCService } from '../core/mod.ts'
import { SignalError, SUBPROTOCOL } from '../protocol/mod.ts'
import { brokeProtocol, wasLost } from './close-causes.ts'
import type { Runtime, Socket } from './runtime/port.ts'

/** A user's connection, as the service takes it. */
class SocketTransport {
  id?: number
  readonly protocol: string
  readonly #socket: Socket

  constructor(socket: Socket, protocol: string) {
    this.#socket = socket
    this.protocol = protocol
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data)
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }
}

/**
 * Accepts WebSockets for a service. The first subprotocol that is offered is echoed, as browsers insist; one that is
 * not ours is the user's `auth`, as pages of the service before version 1 send it.
 */
export function acceptSignals(service: WebRTCService, { upgradeWebSocket, socket }: Runtime): Handler {
  return upgradeWebSocket((context) => {
    const protocol = context.req.header('sec-websocket-protocol')?.split(',')[0]?.trim() ?? ''
    let transport: SocketTransport | undefined
    const fail = (cause: unknown): void => {
      // A refusal has been answered, and counted, by the service.
      if (cause instanceof SignalError) return
      console.error(cause)
      transport?.close(1011, 'Server fault')
    }
    return {
      onOpen(_, { raw }) {
        transport = new SocketTransport(socket(raw), protocol)
        try {
          service.addUser(transport, protocol === SUBPROTOCOL ? '' : protocol)
        } catch (cause) {
          if (!(cause instanceof SignalError)) return fail(cause)
          transport.close(1013, cause.code)
        }
      },
      onMessage({ data }) {
        // Behind a close of ours, messages may still arrive.
        if (transport?.id === undefined || !service.users.has(transport.id)) return
        try {
          const message = typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer)
          const result = service.receive(message, transport)
          if (result instanceof Promise) result.catch(fail)
        } catch (cause) {
          fail(cause)
        }
      },
      onClose(event) {
        if (transport === undefined) return
        if (wasLost(event)) service.connectionLost(transport)
        else service.removeUser(transport)
      },
      onError(event) {
        // A close follows, which says the rest.
        if (transport !== undefined && brokeProtocol(event)) service.removeUser(transport)
      },
    }
  })
}
