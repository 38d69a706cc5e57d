/** Clocks of other computers, and the times of samples. @module */
export { type ClockEstimate, ClockEstimator, MOST_DRIFT, type Probe } from './clock-estimate.ts'
export { createDejitter, type Dejitter } from './dejitter.ts'
export { type ClockState, RemoteClock } from './remote-clock.ts'
export { type Line, median, robustLine } from './robust-line.ts'
export { straightenStamps } from './straighten.ts'
export { createStreamClock, type SampleTimes, type StreamClock, type StreamTiming } from './stream-clock.ts'
