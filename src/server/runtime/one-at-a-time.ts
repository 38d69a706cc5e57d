import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Most requests of one connection that wait for the answer before them. */
const MOST_WAITING = 16

/** How long a client may take to receive an answer, in milliseconds. */
const ANSWER_TIME = 60_000

/**
 * Answers the requests of a connection one after the other. A client may send requests before it has received an answer
 * (RFC 9112, section 9.3.2). node:http passes them all on at once, and holds every answer until the client reads it.
 *
 * Closes a connection on which too many requests wait, or whose client does not receive an answer in time.
 *
 * @param time for an answer, in milliseconds
 */
export function oneAtATime(answer: RequestListener, time: number = ANSWER_TIME): RequestListener {
  const lines = new WeakMap<Socket, [IncomingMessage, ServerResponse][]>()
  const start = (socket: Socket, incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const timer = setTimeout(() => socket.destroy(), time)
    outgoing.once('close', () => {
      clearTimeout(timer)
      const next = socket.destroyed ? undefined : lines.get(socket)?.shift()
      if (next === undefined) lines.delete(socket)
      else start(socket, ...next)
    })
    answer(incoming, outgoing)
  }
  return (incoming, outgoing) => {
    const { socket } = incoming
    if (socket.destroyed) return
    const line = lines.get(socket)
    if (line === undefined) {
      lines.set(socket, [])
      start(socket, incoming, outgoing)
    } else if (line.length < MOST_WAITING) line.push([incoming, outgoing])
    else socket.destroy()
  }
}
