import type { Membership, RemotePeer, Session } from '../../peer/mod.ts'
import { within } from '../../server/runtime/port.ts'
import { program } from '../../server/runtime/program.ts'
import { loadWebRtc, NoWebRtc } from '../../server/runtime/web-rtc.ts'
import { toName } from '../../unicode/names.ts'
import { visible } from '../../unicode/visible.ts'
import { Failure } from './command.ts'
import type { RoomOptions } from './room-options.ts'

/** One Ctrl-C can arrive twice within this time, in ms: from the terminal, and from a forwarding program like npx. */
const ONE_SIGNAL = 1_000
/** How long leaving the room may take, in ms. */
export const LEAVE_TIMEOUT = 1_000
/** The longest shown name, in UTF-16 code units: a longer one would fill the next line of a terminal. */
const MAX_NAME = 64

/**
 * Joins a room, runs `work`, leaves the room, and exits the program with 0.
 *
 * @param work must end when its signal aborts: at SIGINT or SIGTERM, or when the session ends. A second SIGINT or
 *   SIGTERM exits the program at once.
 * @throws Failure if the program cannot connect, or the session ends for good; what `work` throws
 */
export async function inRoom(
  options: RoomOptions,
  work: (room: Membership, signal: AbortSignal) => Promise<void>,
): Promise<never> {
  const stop = new AbortController()
  endAtSignals(stop)
  const session = await open(options, stop.signal)
  let lost: Failure | undefined
  let leaving = false
  follow(session, (failure) => {
    if (leaving) return
    lost = failure
    // Let `work` end in order: a recording still gets its footers.
    stop.abort()
  })
  const room = await join(session, options.room).catch(explain)
  tellOfPeople(room)
  program.complain(`In the room ${room.name} at ${options.url}`)
  try {
    await work(room, stop.signal)
  } finally {
    leaving = true
    await within(LEAVE_TIMEOUT, room.leave())
    session.close()
  }
  if (lost !== undefined) throw lost
  return program.exit(0)
}

/** Joins a room. A session that starts anew loses the pending request, so the request is repeated. */
async function join(session: Session, name: string): Promise<Membership> {
  for (;;) {
    try {
      return await session.join(name, { create: true })
    } catch (cause) {
      if ((cause as { code?: unknown }).code !== 'lost') throw cause
    }
  }
}

/** The first signal stops `work` in order. A later one exits the program at once. */
function endAtSignals(stop: AbortController): void {
  let first = 0
  program.onstop(
    () => {
      first = performance.now()
      stop.abort()
    },
    () => {
      if (performance.now() - first > ONE_SIGNAL) program.exit(1)
    },
  )
}

async function open({ url, name, token }: RoomOptions, signal: AbortSignal): Promise<Session> {
  const { wrtc, companion } = await loadWebRtc(() => import('../../peer/mod.ts')).catch(explain)
  const { legacyClients } = await import('../../peer/legacy/mod.ts')
  const { recording } = await import('../../peer/recording/mod.ts')
  const connecting = new AbortController()
  const give = () => connecting.abort(new Failure('Stopped before the server answered'))
  signal.addEventListener('abort', give)
  const session = await companion
    .connect(url, {
      info: { name },
      wrtc,
      legacyClients,
      recording,
      signal: connecting.signal,
      ...(token === undefined ? {} : { token }),
    })
    .catch(explain)
  // From here on, stopping means leaving the room in order.
  signal.removeEventListener('abort', give)
  return session
}

/** Prints what happens to the session, and calls `over` when the session has ended for good. */
function follow(session: Session, over: (failure: Failure) => void): void {
  session.addEventListener('reconnecting', ({ detail: { code, reason, delay } }) => {
    const why = reason === '' ? `code ${code}` : `${code} ${reason}`
    program.complain(`The connection to the server is lost (${why}): trying again in ${delay.toFixed(1)} s`)
  })
  session.addEventListener('resumed', ({ detail: { recovered } }) => {
    program.complain(recovered ? 'Connected again, as if nothing had been' : 'Connected again, from a fresh start')
  })
  let last: Error | undefined
  session.addEventListener('error', ({ detail }) => {
    last = detail
    program.complain(detail.message)
  })
  session.addEventListener('close', ({ detail: { code, reason } }) => {
    const why = last?.message ?? (reason === '' ? `code ${code}` : `${code} ${reason}`)
    over(new Failure(`The session is over: ${why}`, { cause: last }))
  })
}

function tellOfPeople(room: Membership): void {
  room.addEventListener('peer', ({ detail: peer }) => {
    program.complain(`${labelOf(peer)} is here`)
    peer.addEventListener('error', ({ detail }) => program.complain(`${labelOf(peer)}: ${detail.message}`))
  })
  room.addEventListener('peerleave', ({ detail: peer }) => program.complain(`${labelOf(peer)} left`))
}

/** Returns a peer's name on one line, or its id if it has no name. */
export function nameOf({ info, id }: Pick<RemotePeer, 'info' | 'id'>): string {
  const name = typeof info.name === 'string' ? toName(info.name.trim(), MAX_NAME) : ''
  return name === '' ? String(id) : name
}

/**
 * Returns who a peer is, for the beginning of a line: `✓` with its verified identity, or `-` without one, and its name.
 * The mark comes first, where no name can imitate it.
 */
export const labelOf = (peer: Pick<RemotePeer, 'info' | 'id' | 'identity'>): string =>
  labelled(nameOf(peer), peer.identity?.auth)

export const labelled = (name: string, auth: string | undefined): string =>
  auth === undefined ? `- ${name}` : `✓ ${visible(auth)}: ${name}`

/** Turns errors of the companion and the server into a Failure: the user needs the message, and no stack. */
function explain(cause: unknown): never {
  const { name, message } = cause as Error
  if (cause instanceof NoWebRtc || name === 'PeerError' || name === 'SignalError') throw new Failure(message, { cause })
  throw cause
}
