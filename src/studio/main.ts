import { connect, type Membership, type Session } from '../peer/mod.ts'
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
// The server says so in the page.
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
    session = await connect(new URL('signal', document.baseURI).href, { info: { name }, ...known })
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

/** From the moment one is in a room until one leaves it or the server is gone. */
function stay(session: Session, room: Membership, name: string): void {
  const leaving = new AbortController()
  const { signal } = leaving
  const own = createCard(elements.people, `${name} (you)`, 'You share nothing at the moment')
  own.element.dataset.own = ''
  own.setState('not sharing')

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
  // Behind the error that says why, where there is one.
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

/** Redraws with the screen; nothing is drawn while the page is hidden, as browsers give no frames then. */
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

/** The address for others has the room alone; this page's own keeps the name too, so that it can be reloaded. */
function offerLink(room: string, name: string, signal: AbortSignal): void {
  const link = addressWith({ room })
  elements.link.value = link
  history.replaceState(null, '', addressWith({ room, name }))
  elements.copy.addEventListener(
    'click',
    async () => {
      elements.link.select()
      // Browsers give the clipboard to secure pages alone; the selected text can be copied by hand everywhere.
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
