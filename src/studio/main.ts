import { legacyClients } from '../peer/legacy/mod.ts'
import { connect, type Membership, type Session } from '../peer/mod.ts'
import { recording } from '../peer/recording/mod.ts'
import { type Card, createCard } from './card.ts'
import { showConnection } from './connection-line.ts'
import { elements, show, showError } from './elements.ts'
import { explain, explainClose } from './explain.ts'
import { offerInterruption } from './interruption.ts'
import { showPeople } from './people.ts'
import { offerRecording } from './recording.ts'
import { offerSharing } from './sharing.ts'

const wanted = new URLSearchParams(location.search)
elements.name.value = wanted.get('name') ?? ''
elements.room.value = wanted.get('room') ?? ''
// The server adds this element to the page if it requires a token.
if (document.querySelector('meta[name=wants-token]') !== null) askForToken()
elements.join.addEventListener('submit', (event) => {
  event.preventDefault()
  void enter(elements.name.value.trim(), elements.room.value.trim())
})

async function enter(name: string, roomName: string): Promise<void> {
  showError('')
  elements.joinButton.disabled = true
  let session: Session | undefined
  try {
    const token = elements.token.value.trim()
    const known = token === '' ? {} : { token }
    session = await connect(new URL('signal', document.baseURI).href, {
      info: { name },
      legacyClients,
      recording,
      ...known,
    })
    stay(session, await session.join(roomName, { create: true }), name)
  } catch (error) {
    session?.close()
    showError(explain(error, roomName))
    if ((error as { code?: unknown }).code === 'unauthorized') askForToken()
  }
  elements.joinButton.disabled = false
}

function askForToken(): void {
  show(true, elements.asks, elements.tokenField)
  elements.token.required = true
}

/** Runs the page inside a room, until the user leaves or the connection closes for good. */
function stay(session: Session, room: Membership, name: string): void {
  const leaving = new AbortController()
  const { signal } = leaving
  const own = createCard(elements.people, `${name} (you)`, 'You share nothing at the moment')
  own.element.dataset.own = ''
  own.setState('not sharing')
  if (session.identity !== undefined) own.setIdentity(session.identity.auth)

  const tellPeople = (count: number) => {
    const others = count === 1 ? '1 other person' : `${count || 'no'} other people`
    elements.where.textContent = `${name} in ${room.name}, with ${others}`
  }
  const people = showPeople(elements.people, room, tellPeople, signal)
  session.addEventListener('error', ({ detail }) => showError(explain(detail, room.name)), { signal })
  session.addEventListener(
    'close',
    ({ detail }) => {
      leave()
      const again = detail.code === 4003 ? 'with a new one' : 'when it is back'
      showError(`The connection to the server is over (${explainClose(detail)}). Join again ${again}`)
    },
    { signal },
  )
  // Leave one microtask later, because leaving removes the listeners that show why the room closed.
  room.addEventListener('close', () => queueMicrotask(leave), { signal })

  function leave(): void {
    if (signal.aborted) return
    leaving.abort()
    session.close()
    own.remove()
    people.remove()
    showInside(false)
  }
  elements.leave.addEventListener('click', leave, { signal })
  offerLink(room.name, name, signal)
  offerSharing(room, own, signal)
  offerInterruption(session, signal)
  offerRecording(room, signal)
  showConnection(session, signal)
  drawUntil(signal, () => [own, ...people.cards()])
  showInside(true)
}

/** Redraws with each frame of the screen. Browsers call no frames while the page is hidden. */
function drawUntil(signal: AbortSignal, cards: () => Card[]): void {
  const frame = () => {
    if (signal.aborted) return
    for (const card of cards()) card.draw()
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}

function showInside(inside: boolean): void {
  show(!inside, elements.join)
  show(inside, elements.membership, elements.sharing, elements.recording)
}

/**
 * Offers a link for others, which contains only the room. The address of this page also keeps the name, so that the
 * user can reload it.
 */
function offerLink(room: string, name: string, signal: AbortSignal): void {
  const link = addressWith({ room })
  elements.link.value = link
  history.replaceState(null, '', addressWith({ room, name }))
  elements.copy.addEventListener(
    'click',
    async () => {
      elements.link.select()
      // Browsers offer the clipboard only to secure pages. Elsewhere, the user can copy the selected text.
      await navigator.clipboard?.writeText(link)
      elements.copy.textContent = navigator.clipboard === undefined ? 'Selected' : 'Copied'
    },
    { signal },
  )
}

function addressWith(search: Record<string, string>): string {
  const address = new URL(location.href)
  address.search = new URLSearchParams(search).toString()
  return address.href
}
