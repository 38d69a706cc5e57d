/** Replaces the package `err-code`: simple-peer gives each of its errors a code. @module */
declare const module: { exports: unknown }

/** Defines the property, because a DOMException has a `code` that cannot be set. A later code replaces it. */
module.exports = (error: object, code: string) =>
  Object.defineProperty(error, 'code', { value: code, configurable: true, enumerable: true })
