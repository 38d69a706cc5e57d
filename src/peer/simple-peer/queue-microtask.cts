/** Replaces the package `queue-microtask`, which is for browsers without this function. @module */
declare const module: { exports: unknown }

module.exports = queueMicrotask
