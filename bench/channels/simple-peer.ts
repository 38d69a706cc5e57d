import { createSimplePeer, type SimplePeerInstance, type SimpleSignal } from '../../src/peer/link/simple-peer.ts'
import { messagesOf, type Signals, type Transport, valuesOf } from './transport.ts'

/** The part of Node's Writable stream that simple-peer inherits and this bench uses. */
interface WritablePeer extends SimplePeerInstance {
  readonly writableNeedDrain: boolean
  write(bytes: Uint8Array): boolean
  once(event: 'drain', listener: () => void): this
}

/** simple-peer's `write`, which applies backpressure when the channel's buffer is full. */
export const simplePeer: Transport = {
  async send({ channels, receivers, signals }) {
    const peers = await Promise.all(
      Array.from({ length: receivers }, async (_, receiver) => {
        const peer = connect(signals, receiver, true)
        await new Promise<void>((resolve) => peer.on('connect', resolve))
        return { peer, full: false }
      }),
    )
    return {
      push(block) {
        for (const message of messagesOf(block, channels)) {
          for (const to of peers) to.full = !to.peer.write(new Uint8Array(message.buffer))
        }
      },
      async room() {
        for (const to of peers) {
          if (to.full) await new Promise<void>((resolve) => to.peer.once('drain', resolve))
          to.full = false
        }
      },
    }
  },
  async receive({ format, signals }, receiver, take) {
    // simple-peer emits views at any byte offset. Copy them to align the samples.
    connect(signals, receiver, false).on('data', (data) =>
      take(valuesOf(format, (data as Uint8Array).slice().buffer as ArrayBuffer)),
    )
  },
}

function connect(signals: Signals, receiver: number, initiator: boolean): WritablePeer {
  const options = { initiator, config: {}, wrtc: undefined, objectMode: true } as const
  const peer = createSimplePeer(options) as SimplePeerInstance as WritablePeer
  peer.on('signal', (signal) => signals.send(receiver, signal))
  signals.listen(receiver, (signal) => peer.signal(signal as SimpleSignal))
  return peer
}
