/** A WebSocket that can send pings (RFC 6455, section 5.5.2). */
export interface Pingable {
  ping(): unknown
  /** Ends the connection without a closing handshake. */
  terminate(): void
}

export interface Pings {
  /** Call this when anything arrives. */
  heard(): void
  stop(): void
}

/** Time to answer the second of two unanswered pings, as a fraction of the interval. */
const LAST_WAIT = 1 / 3

/**
 * Pings a connection at an interval, and ends it after two unanswered pings. So a half-open connection (RFC 9293,
 * section 3.5.1), whose other end vanished silently, ends within 7/3 of the interval. Deno does this itself.
 *
 * @param interval milliseconds between pings
 */
export function startPings(socket: Pingable, interval: number): Pings {
  let unanswered = 0
  let timer = setTimeout(beat, interval)
  function beat(): void {
    if (unanswered === 2) {
      socket.terminate()
      return
    }
    unanswered++
    socket.ping()
    timer = setTimeout(beat, unanswered === 2 ? interval * LAST_WAIT : interval)
  }
  return {
    heard() {
      unanswered = 0
    },
    stop: () => clearTimeout(timer),
  }
}
