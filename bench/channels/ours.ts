import { connect, type Membership } from '../../src/peer/mod.ts'
import type { Transport } from './transport.ts'

const breath = new MessageChannel()

/** A reliable stream of this project. */
export const ours: Transport = {
  async send({ format, channels, rate, receivers, port }) {
    const room = await enter(port)
    let linked = 0
    await new Promise<void>((resolve) => {
      room.addEventListener('peer', ({ detail: peer }) => {
        peer.addEventListener('connect', () => {
          if (++linked === receivers) resolve()
        })
      })
    })
    const labels = Array.from({ length: channels }, (_, i) => ({ label: String(i), unit: 'µV', type: 'EEG' }))
    const publication = room.publish({ name: 'EEG', format, nominalRate: rate, channels: labels })
    return {
      push: (block) => void publication.push(block),
      async room() {
        // Start a new task: samples that are pushed within one task are sent at its end. A message starts one at once.
        // A timer of 0 ms would take 4 ms (HTML, timer initialization steps).
        await new Promise((resolve) => {
          breath.port1.onmessage = resolve
          breath.port2.postMessage(undefined)
        })
        await publication.drained()
      },
    }
  },
  async receive({ port }, _, take) {
    const room = await enter(port)
    room.addEventListener('peer', ({ detail: peer }) => {
      peer.addEventListener('stream', async ({ detail: stream }) => {
        for await (const chunk of stream) {
          if (chunk.missed > 0) throw new Error(`${chunk.missed} samples were missed`)
          take(chunk.data as ArrayLike<number>)
        }
      })
    })
  },
}

async function enter(port: number): Promise<Membership> {
  const session = await connect(`ws://127.0.0.1:${port}/signal`)
  return await session.join('lab', { create: true })
}
