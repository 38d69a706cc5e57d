/** Data channels that send as fast as they drain, from queues that take turns. @module */
export { FlowControlledChannel } from './flow-controlled-channel.ts'
export type { OutgoingChunk } from './stream-queue.ts'
