/** Closes that end a session: by its user (1000, 1001), or by the server for what the user did (see PROTOCOL.md). */
const FINAL: ReadonlySet<number> = new Set([1000, 1001, 1003, 1008, 1009, 1013])

/**
 * Whether a connection was cut, so that its user may come back. 1006 stands for no closing handshake at all (RFC 6455,
 * section 7.4.1); Bun also gives it to clients that broke the protocol, such as by a message over the limit, and says so
 * in the reason alone. Deno gives 1001 to who answers no ping.
 */
export function wasLost({ code, reason }: Pick<CloseEvent, 'code' | 'reason'>): boolean {
  if (code !== 1006) return !FINAL.has(code) || (code === 1001 && reason.startsWith('No response from ping'))
  return !reason.startsWith('Received ') || reason.startsWith('Received TCP FIN')
}

/**
 * Whether a socket's error event says that the client broke the protocol. Node's `ws` alone tells of it here, and then
 * closes with 1006 too; Deno gives a code of its own when it closes.
 */
export const brokeProtocol = (event: Event): boolean =>
  String((event as { error?: { code?: unknown } }).error?.code).startsWith('WS_ERR_')

/**
 * Whether a socket's error or close says that a message was over the limit. Node and Bun refuse it before the service sees
 * it: `ws` says so in the error's code, Bun in the close's reason.
 */
export const wasTooLarge = (event: Event | Pick<CloseEvent, 'code' | 'reason'>): boolean =>
  'reason' in event
    ? event.code === 1006 && event.reason === 'Received too big message'
    : (event as { error?: { code?: unknown } }).error?.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
