/** The prebuilt bundle of simple-peer. An app's bundler needs no aliases and no polyfills for it. */
declare module 'simple-peer/simplepeer.min.js' {
  const SimplePeer: unknown
  export default SimplePeer
}
