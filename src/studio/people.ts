import type { Membership, RemotePeer } from '../peer/mod.ts'
import type { Card } from './card.ts'
import { nameOf, showPerson } from './remote-person.ts'

/** How long the card of somebody who left stays, so that one sees who it was, in ms. */
const GONE_STAYS = 8_000

/** Everybody else in the room, a card each. */
export interface People {
  cards(): Iterable<Card>
  remove(): void
}

/** @param count called with how many there are, whenever that changes */
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
      // Whoever reloads their page comes as somebody new.
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
