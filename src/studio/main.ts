import { connect, type Membership, type Session } from '../peer/mod.ts'
import { type Card, createCard } from './card.ts'
import { elements, show, showError } from './elements.ts'
import { explain } from './explain.ts'
import { showPerson } from './remote-person.ts'
import { offerSharing } from './sharing.ts'

const wanted = new URLSearchParams(location.search)
elements.name.value = wanted.get('name') ?? ''
elements.room.value = wanted.get('room') ?? ''
elements.join.addEventListener('submit', (event) => {
  event.preventDefault()
  void enter(elements.name.value.trim(), elements.room.value.trim())
})

async function enter(name: string, roomName: string): Promise<void> {
  showError('')
  elements.joinButton.disabled = true
  let session: Session | undefined
  try {
    session = await connect(new URL('signal', document.baseURI).href, { info: { name } })
    stay(session, await session.join(roomName, { create: true }), name)
  } catch (error) {
    session?.close()
    showError(explain(error, roomName))
  }
  elements.joinButton.disabled = false
}

/** From the moment one is in a room until one leaves it or the server is gone. */
function stay(session: Session, room: Membership, name: string): void {
  const leaving = new AbortController()
  const { signal } = leaving
  const cards = new Map<number, Card>()
  const own = createCard(elements.people, `${name} (you)`, 'You share nothing at the moment')
  own.element.dataset.own = ''
  own.setState('not sharing')

  const tellPeople = () => {
    const others = cards.size === 1 ? '1 other person' : `${cards.size || 'no'} other people`
    elements.where.textContent = `${name} in ${room.name}, with ${others}`
  }
  room.addEventListener(
    'peer',
    ({ detail: peer }) => {
      cards.get(peer.id)?.remove()
      cards.set(peer.id, showPerson(elements.people, peer))
      tellPeople()
    },
    { signal },
  )
  room.addEventListener(
    'peerleave',
    ({ detail: peer }) => {
      cards.get(peer.id)?.remove()
      cards.delete(peer.id)
      tellPeople()
    },
    { signal },
  )
  session.addEventListener(
    'reconnecting',
    ({ detail }) => {
      const seconds = Math.ceil(detail.delay)
      showError(`The connection to the server is lost (${detail.reason || detail.code}). Trying again in ${seconds} s`)
    },
    { signal },
  )
  session.addEventListener('resumed', () => showError(''), { signal })
  session.addEventListener(
    'close',
    ({ detail }) => {
      leave()
      showError(`The connection to the server is over (${detail.reason || detail.code}). Join again when it is back`)
    },
    { signal },
  )

  function leave(): void {
    leaving.abort()
    session.close()
    for (const card of [own, ...cards.values()]) card.remove()
    showInside(false)
  }
  elements.leave.addEventListener('click', leave, { signal })
  offerLink(room.name, name, signal)
  offerSharing(room, own, signal)
  drawUntil(signal, () => [own, ...cards.values()])
  tellPeople()
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
  show(inside, elements.membership, elements.sharing)
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
