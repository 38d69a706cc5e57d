/** The part of the package that the benches use. It has these files only after a build. */
declare module 'datastreams-webrtc/peer' {
  export const connect: typeof import('../../src/peer/mod.ts')['connect']
  export type Membership = import('../../src/peer/mod.ts').Membership
}
