import type { Recovering } from '../peer/mod.ts'

/** Returns a sentence: why a link was lost, and what its recovery does now. */
export function explainRecovering({ cause, step, attempt, delay }: Recovering): string {
  const again = attempt > 1 ? `, attempt ${attempt}` : ''
  // The delay is infinite until the server announces who is in the room.
  const when = Number.isFinite(delay) ? `, in ${Math.ceil(delay)} s` : ', once the server tells'
  return `${causes[cause]}: ${steps[step]}${again}${delay > 0 ? when : ''}`
}

const causes: Record<Recovering['cause'], string> = {
  disconnected: 'No answer any more',
  failed: 'The connection broke',
  timeout: 'No connection in time',
  asked: 'They lost the connection',
  interrupted: 'The network is taken away',
  moved: 'One of you came back as somebody new',
}

const steps: Record<Recovering['step'], string> = {
  restart: 'looking for another way',
  relay: 'connecting anew, over a TURN server',
  rebuild: 'connecting anew',
}

/**
 * Returns in a few words why a WebSocket closed. Codes: RFC 6455, section 7.4.1, IANA's list, and the companion's own.
 */
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
  4003: 'your token has expired',
}

/** Explains an error of the server or the connection to a user who tried to join a room. */
export function explain(error: unknown, room: string): string {
  const { code, message } = error as { code?: unknown; message: string }
  return typeof code === 'string' && Object.hasOwn(sentences, code) ? (sentences[code]?.(room) ?? message) : message
}

const sentences: Record<string, (room: string) => string> = {
  'room-full': (room) => `The room ${room} is full. Try another, or come back later`,
  forbidden: (room) => `The room ${room} is for others`,
  unauthorized: () => 'The server lets nobody in without a token that is good, and has not expired',
  'server-full': () => 'The server is full. Try again later',
  'rate-limited': () => 'That was too much at once. Try again in a minute',
}
