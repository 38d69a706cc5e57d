/** Replaces the package `randombytes`: simple-peer uses it to name peers and channels. @module */
declare const module: { exports: unknown }

module.exports = (size: number) => {
  const bytes = crypto.getRandomValues(new Uint8Array(size))
  return { toString: () => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') }
}
