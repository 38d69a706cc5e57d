#!/usr/bin/env node
/**
 * The signaling server for live device streams between browsers and gateways. Run as a program, this file starts the
 * server.
 *
 * @module
 */
export * from './src/mod.ts'

// Check the name too: a bundler moves this code into the app's main module, where `main` is true.
if (import.meta.main && import.meta.url.endsWith('/mod.ts')) await import('./src/commands/bin.ts')
