/** The prebuilt bundle of simple-peer: no aliases and no polyfills needed in whatever builds an app. */
declare module 'simple-peer/simplepeer.min.js' {
  const SimplePeer: unknown
  export default SimplePeer
}
