/** Closes that end a session: by its user (1000, 1001), or by the server for what the user did (see PROTOCOL.md). */
const FINAL: ReadonlySet<number> = new Set([1000, 1001, 1003, 1008, 1009, 1013])

/**
 * Whether a connection was cut, so that its user may come back; 1006 stands for no closing handshake at all (RFC 6455,
 * section 7.4.1).
 */
export const wasLost = (code: number): boolean => !FINAL.has(code)

/**
 * Whether a socket's error event says that the client broke the WebSocket protocol, such as by a message over the limit.
 * Node's `ws` alone tells of it here, and then closes as if the connection were cut; Bun and Deno give a code when they
 * close.
 */
export const brokeProtocol = (event: Event): boolean =>
  String((event as { error?: { code?: unknown } }).error?.code).startsWith('WS_ERR_')
