/** The part of an RTCDataChannel that flow control uses. */
export interface Channel {
  readonly bufferedAmount: number
  bufferedAmountLowThreshold: number
  readonly readyState: string
  send(bytes: Uint8Array<ArrayBuffer>): void
  addEventListener(type: 'bufferedamountlow' | 'open', listener: () => void): void
}
