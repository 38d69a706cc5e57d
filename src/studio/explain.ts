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
