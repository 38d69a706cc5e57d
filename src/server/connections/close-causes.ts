/**
 * Close codes that end a session. The user sends 1000 or 1001. The server sends the others because of what the user
 * did (see PROTOCOL.md).
 */
const FINAL: ReadonlySet<number> = new Set([1000, 1001, 1003, 1008, 1009, 1013])

/**
 * Whether the network cut a connection, so that its user may resume.
 *
 * - 1006 means that there was no closing handshake (RFC 6455, section 7.4.1).
 * - Bun also reports 1006 for a client that violated the protocol, for example with a message over the limit. Only
 *   the reason shows that.
 * - Deno reports 1001 for a client that answers no ping.
 */
export function wasLost({ code, reason }: Pick<CloseEvent, 'code' | 'reason'>): boolean {
  if (code !== 1006) return !FINAL.has(code) || (code === 1001 && reason.startsWith('No response from ping'))
  return !reason.startsWith('Received ') || reason.startsWith('Received TCP FIN')
}

/**
 * Whether a socket's error event reports that the client violated the protocol. Only Node's `ws` reports that here,
 * and then it also closes with 1006. Deno closes with a distinct code instead.
 */
export const brokeProtocol = (event: Event): boolean =>
  String((event as { error?: { code?: unknown } }).error?.code).startsWith('WS_ERR_')

/**
 * Whether a socket's error or close event reports a message over the limit. Node and Bun reject such a message before
 * the service receives it. `ws` reports it in the error's code, and Bun in the close's reason.
 */
export const wasTooLarge = (event: Event | Pick<CloseEvent, 'code' | 'reason'>): boolean =>
  'reason' in event
    ? event.code === 1006 && event.reason === 'Received too big message'
    : (event as { error?: { code?: unknown } }).error?.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
