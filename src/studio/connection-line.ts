import type { Session } from '../peer/mod.ts'
import { elements } from './elements.ts'
import { explainClose } from './explain.ts'

/** How often the page updates the countdown, in ms. */
const COUNT_EVERY = 250

/** Shows the state of the connection to the server, until the signal aborts. */
export function showConnection(session: Session, signal: AbortSignal): void {
  const { connection, connectionState, connectionWait } = elements
  let next = 0
  let why = ''
  let lostAt: number | undefined

  // Screen readers announce this text when it changes, but not the countdown beside it.
  const show = (state: Session['state'], text: string) => {
    connection.dataset.state = state
    connectionState.textContent = text
  }
  const countDown = () => {
    if (session.state !== 'reconnecting') return
    const seconds = Math.ceil((next - performance.now()) / 1000)
    connectionWait.textContent = `${seconds > 0 ? `in ${seconds} s` : 'now'}${why}`
  }
  const counting = setInterval(countDown, COUNT_EVERY)
  signal.addEventListener('abort', () => clearInterval(counting))

  session.addEventListener(
    'reconnecting',
    ({ detail }) => {
      lostAt ??= performance.now()
      next = performance.now() + detail.delay * 1000
      why = ` (${explainClose(detail)}${detail.attempt > 1 ? `; attempt ${detail.attempt}` : ''})`
      show('reconnecting', 'Reconnecting to the server')
      countDown()
    },
    { signal },
  )
  session.addEventListener(
    'resumed',
    ({ detail: { recovered } }) => {
      const seconds = ((performance.now() - (lostAt ?? performance.now())) / 1000).toFixed(1)
      lostAt = undefined
      show('connected', 'Connected to the server')
      const how = recovered ? 'and nothing was lost' : 'as a new session; the room was joined again'
      connectionWait.textContent = `again after ${seconds} s, ${how}`
    },
    { signal },
  )
  show(session.state, 'Connected to the server')
  connectionWait.textContent = ''
}
