import type { Recovering } from '../peer/mod.ts'

/** Returns a sentence: why a link was lost, and what its recovery does now. */
export function explainRecovering({ cause, step, attempt, delay }: Recovering): string {
  const again = attempt > 1 ? `, attempt ${attempt}` : ''
  // The delay is infinite until the server announces who is in the room.
  const when = Number.isFinite(delay) ? `, in ${Math.ceil(delay)} s` : ', when the server announces the peer'
  return `${causes[cause]}: ${steps[step]}${again}${delay > 0 ? when : ''}`
}

const causes: Record<Recovering['cause'], string> = {
  disconnected: 'The peer no longer answers',
  failed: 'The link failed',
  timeout: 'The link did not open in time',
  asked: 'The peer lost the link',
  interrupted: 'The network is interrupted',
  moved: 'The peer returned with a new id',
}

const steps: Record<Recovering['step'], string> = {
  restart: 'trying another route',
  relay: 'reconnecting over TURN',
  rebuild: 'reconnecting',
}

/**
 * Returns in a few words why a WebSocket closed. Codes: RFC 6455, section 7.4.1, IANA's list, and the companion's own.
 */
export function explainClose({ code, reason }: { code: number; reason: string }): string {
  return closes[code] ?? (reason === '' ? `closed with ${code}` : reason)
}

const closes: Record<number, string> = {
  1001: 'the server stopped',
  1005: 'the server closed it',
  1006: 'the connection was lost',
  1012: 'the server restarts',
  1013: 'the server is full',
  4000: 'another page resumed this session',
  4001: 'the network is interrupted',
  4002: 'the server stopped answering',
  4003: 'your token has expired',
}

/** Explains an error of the server or the connection to a user who tried to join a room. */
export function explain(error: unknown, room: string): string {
  const { code, message } = error as { code?: unknown; message: string }
  return typeof code === 'string' && Object.hasOwn(sentences, code) ? (sentences[code]?.(room) ?? message) : message
}

const sentences: Record<string, (room: string) => string> = {
  'room-full': (room) => `The room ${room} is full. Try another, or come back later`,
  forbidden: (room) => `You may not enter the room ${room}`,
  unauthorized: () => 'This server requires a valid token',
  'server-full': () => 'The server is full. Try again later',
  'rate-limited': () => 'Too many requests. Try again in a minute',
}
