import { createSimplePeer, type SimplePeerInstance, type SimpleSignal } from '../../src/peer/link/simple-peer.ts'
import { messagesOf, type Signals, type Transport, valuesOf } from './transport.ts'

/** Of a stream of Node. */
interface WritablePeer extends SimplePeerInstance {
  readonly writableNeedDrain: boolean
  write(bytes: Uint8Array): boolean
  once(event: 'drain', listener: () => void): this
}

/** simple-peer's `write`, which waits for what the channel holds. */
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
    // Bytes come as views, at any place in their buffer.
    connect(signals, receiver, false).on('data', (data) =>
      take(valuesOf(format, (data as Uint8Array).slice().buffer as ArrayBuffer)),
    )
  },
}

function connect(signals: Signals, receiver: number, initiator: boolean): WritablePeer {
  const peer = createSimplePeer({ initiator, config: {}, wrtc: undefined, objectMode: true }) as WritablePeer
  peer.on('signal', (signal) => signals.send(receiver, signal))
  signals.listen(receiver, (signal) => peer.signal(signal as SimpleSignal))
  return peer
}
