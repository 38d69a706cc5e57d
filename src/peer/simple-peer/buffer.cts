/** Replaces the package `buffer`: simple-peer creates a Buffer for each received message. @module */
declare const module: { exports: unknown }

module.exports = { Buffer: { from: (message: ArrayBuffer): Uint8Array => new Uint8Array(message) } }
