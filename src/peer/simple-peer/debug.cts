/** Replaces the package `debug`: simple-peer writes no log. @module */
declare const module: { exports: unknown }

module.exports = () => () => {}
