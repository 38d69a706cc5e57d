/** Why a WebSocket is closed, in a few words. Codes: RFC 6455, section 7.4.1, IANA's list, and the companion's own. */
export function explainClose({ code, reason }: { code: number; reason: string }): string {
  return closes[code] ?? (reason === '' ? `closed with ${code}` : reason)
}

const closes: Record<number, string> = {
  1001: 'it stopped',
  1005: 'it hung up',
  1006: 'the connection broke off',
  1012: 'it starts anew',
  1013: 'it is full',
  4000: 'another page goes on with this session',
  4001: 'the network is taken away',
  4002: 'it fell silent',
}

/** An error of the server or the way to it, as a sentence for whoever tried to enter a room. */
export function explain(error: unknown, room: string): string {
  const { code, message } = error as { code?: unknown; message: string }
  return (typeof code === 'string' ? sentences[code]?.(room) : undefined) ?? message
}

const sentences: Record<string, (room: string) => string> = {
  'room-full': (room) => `The room ${room} is full. Try another, or come back later`,
  forbidden: (room) => `The room ${room} is for others`,
  unauthorized: () => 'The server wants to know who you are, and this page cannot tell it',
  'server-full': () => 'The server is full. Try again later',
  'rate-limited': () => 'That was too much at once. Try again in a minute',
}
