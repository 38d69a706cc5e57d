/** The other peer's clock, compared with the own clock by probes over a link. @module */
export { PeerClock } from './peer-clock.ts'
export { probeSender } from './probe-sender.ts'
