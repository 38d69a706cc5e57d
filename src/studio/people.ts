import type { Membership, RemotePeer } from '../peer/mod.ts'
import type { Card } from './card.ts'
import { nameOf, showPerson } from './remote-person.ts'

/** How long the card of a departed person stays visible, in ms. */
const GONE_STAYS = 8_000

/** The cards of all other people in the room. */
export interface People {
  cards(): Iterable<Card>
  remove(): void
}

/** @param count called with the number of other people, whenever it changes */
export function showPeople(
  parent: HTMLElement,
  room: Membership,
  count: (people: number) => void,
  signal: AbortSignal,
): People {
  const people = new Map<RemotePeer, Card>()
  const remove = (peer: RemotePeer) => {
    people.get(peer)?.remove()
    people.delete(peer)
  }
  const tell = () => count([...people.keys()].filter(({ state }) => state !== 'closed').length)
  room.addEventListener(
    'peer',
    ({ detail: peer }) => {
      // A person who reloads the page arrives as a new peer, so remove the old card.
      for (const other of people.keys()) if (other.state === 'closed' && nameOf(other) === nameOf(peer)) remove(other)
      people.set(peer, showPerson(parent, peer))
      tell()
    },
    { signal },
  )
  room.addEventListener(
    'peerleave',
    ({ detail: peer }) => {
      setTimeout(() => remove(peer), GONE_STAYS)
      tell()
    },
    { signal },
  )
  tell()
  return {
    cards: () => people.values(),
    remove() {
      for (const peer of people.keys()) remove(peer)
    },
  }
}
