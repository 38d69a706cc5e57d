/** Skip the probe if this many bytes are queued: queueing delay would spoil the measurement. */
const MAX_QUEUED_BYTES = 1_024

/**
 * Returns a function that sends clock probes through a data channel: at once, or not at all.
 *
 * @param failed called if the channel throws although it reports that it is open: it is closing
 */
export function probeSender(channel: RTCDataChannel, failed: () => void): (bytes: Uint8Array<ArrayBuffer>) => void {
  return (bytes) => {
    if (channel.readyState !== 'open' || channel.bufferedAmount >= MAX_QUEUED_BYTES) return
    try {
      channel.send(bytes)
    } catch {
      failed()
    }
  }
}
