/** In the place of buffer: simple-peer makes one of each message that comes. @module */
declare const module: { exports: unknown }

module.exports = { Buffer: { from: (message: ArrayBuffer): Uint8Array => new Uint8Array(message) } }
