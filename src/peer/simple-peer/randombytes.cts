/** In the place of randombytes: simple-peer makes names of peers and channels by it. @module */
declare const module: { exports: unknown }

module.exports = (size: number) => {
  const bytes = crypto.getRandomValues(new Uint8Array(size))
  return { toString: () => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') }
}
