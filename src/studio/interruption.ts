import type { Session } from '../peer/mod.ts'
import { elements } from './elements.ts'

/** How long the button interrupts the network, in seconds. */
const SECONDS = 10

/** Connects the button that simulates a lost network, until the signal aborts. */
export function offerInterruption(session: Session, signal: AbortSignal): void {
  const { interrupt } = elements
  const offer = () => {
    interrupt.disabled = false
    interrupt.textContent = `Lose my network for ${SECONDS} s`
  }
  interrupt.addEventListener(
    'click',
    () => {
      interrupt.disabled = true
      interrupt.textContent = 'No network'
      session.interrupt(SECONDS)
      setTimeout(offer, SECONDS * 1000)
    },
    { signal },
  )
  offer()
}
