/** Replaces the package `get-browser-rtc`: the companion passes the classes of WebRTC to simple-peer. @module */
declare const module: { exports: unknown }

module.exports = () => null
