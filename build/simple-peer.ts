/**
 * Makes simple-peer smaller for dist/companion.js. The companion uses it for negotiation, media and one data channel. Its
 * stream, its log and its search for the addresses of a connection are half of it, and a bundler cannot drop methods.
 * simple-peer 9.11.1 is the last version since 2022; if another one differs, the build fails.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

/** Methods that neither the companion nor the kept ones call. */
const UNUSED = [
  // Its interface for apps: the companion adds and removes tracks only.
  'bufferSize',
  'connected',
  'address',
  'addStream',
  'replaceTrack',
  'removeStream',
  // The stream: the companion writes to the channel itself.
  '_read',
  '_write',
  '_onFinish',
  '_onInterval',
  '_onChannelBufferedAmountLow',
  // The addresses, for an event `connect` that comes after them. The companion waits for the channel's own event.
  '_maybeReady',
  'getStats',
  // Candidates are always sent one by one, so nothing waits for the last of them.
  '_startIceCompleteTimeout',
  // The companion has its own: an unusable candidate must not end a connection.
  '_addIceCandidate',
  '_debug',
]

/** Other code that is never reached, or has no effect: the text to remove or replace. */
const CHANGES: readonly (readonly [code: RegExp, replacement: string])[] = [
  [/^ *this\._debug\((?:\n[\s\S]*?^ *|.*)\)\n/gm, ''],
  [/^const debug = .*\n/m, ''],
  [/^\/\/ HACK: Filter trickle.*\nfunction filterTrickle[\s\S]*?^}\n/m, ''],
  [/^function warn [\s\S]*?^}\n/m, ''],
  [/^ *if \(!this\.trickle && !this\.allowHalfTrickle\).*\n/gm, ''],
  [/^ *\w+\.sdp = this\.sdpTransform\(.*\n/gm, ''],
  [/if \(this\.trickle \|\| this\._iceComplete\) (send\w+\(\))\n.*\n/g, '$1\n'],
  [/event\.candidate && this\.trickle/, 'event.candidate'],
  [/^ *} else if \(!event\.candidate && !this\._iceComplete\) {\n.*\n.*\n/m, ''],
  [/^ *\/\/ as soon as we've received one valid candidate.*\n *if .*\n.*\n *}\n/m, ''],
  // Fields of the removed methods, and options that the companion does not set.
  [
    /^ *this\.(?:(?:remote|local)(?:Address|Family|Port)|sdpTransform|trickle|allowHalfTrickle|iceCompleteTimeout|streams|_pcReady|_channelReady|_iceComplete|_iceCompleteTimer|_chunk|_cb|_interval|_id|_connected|_isReactNativeWebrtc) = .*\n/gm,
    '',
  ],
  [/^ *if \(this\.streams\) {\n[\s\S]*?^ {4}}\n/m, ''],
  [/^ *clearInterval\(this\._interval\)\n/m, ''],
  [/^ *this\._maybeReady\(\)\n/gm, ''],
  [/^ *if \(iceConnectionState === 'connected' .*\n *}\n/m, ''],
  // Events that the companion does not listen to.
  [/^ *const iceGatheringState = .*\n/m, ''],
  [/^ *this\.emit\('(?:iceStateChange|signalingStateChange)'.*\n/gm, ''],
  [/^ *this\._remoteTracks\.push\({[\s\S]*?ensure all tracks have been added\n *}\)\n/m, ''],
  [/^ *this\._remote(?:Tracks|Streams) = .*\n/gm, ''],
  [/^ *this\._pc\.onicegatheringstatechange = \(.*\n.*\n *}\n/m, ''],
  [/^ *this\._channel\.onbufferedamountlow = .*\n.*\n *}\n/m, ''],
  [/^ *this\._channel\.onopen = .*\n.*\n *}\n/m, ''],
  [/^ *if \(typeof this\._channel\.bufferedAmountLowThreshold .*\n.*\n *}\n/m, ''],
  [/^ {2}_onChannelOpen \(\) {\n[\s\S]*?^ {2}}\n/m, ''],
  [/^ *this\._onFinishBound = \(\) => {\n.*\n *}\n *this\.once\('finish'.*\n/m, ''],
  [/^ *if \(this\._onFinishBound\).*\n *this\._onFinishBound = null\n/m, ''],
  [/^const (?:MAX_BUFFERED_AMOUNT|ICECOMPLETE_TIMEOUT) = .*\n/gm, ''],
]

/** Bundles the smaller simple-peer. The build fails if it would contain another one. */
export const SLIM_SIMPLE_PEER: Plugin = {
  name: 'slim simple-peer',
  setup({ onLoad, onEnd }) {
    let isSlim = false
    // Windows separates folders by a backslash.
    onLoad({ filter: /[\\/]simple-peer[\\/]index\.js$/ }, ({ path }) => {
      isSlim = true
      return { contents: slimSimplePeer(readFileSync(path, 'utf8')) }
    })
    onEnd(({ metafile }) => {
      const hasIt = Object.keys(metafile?.inputs ?? {}).some((path) => path.includes('node_modules/simple-peer/'))
      return hasIt && !isSlim ? { errors: [{ text: 'The bundle contains simple-peer, but not the smaller one' }] } : {}
    })
  },
}

/**
 * @param source simple-peer's index.js
 * @throws Error if the source does not have what is to be removed
 */
export function slimSimplePeer(source: string): string {
  const changes: readonly (readonly [RegExp, string])[] = [
    ...UNUSED.map((name): [RegExp, string] => [methodOf(name), '']),
    ...CHANGES,
  ]
  return changes.reduce((code, [pattern, replacement]) => {
    const changed = code.replace(pattern, replacement)
    if (changed === code) throw new Error(`Cannot make simple-peer smaller: it has nothing like ${pattern}`)
    return changed
  }, source)
}

/** Matches a method or a getter of the class. The project's style, `standard`, fixes how it looks. */
const methodOf = (name: string): RegExp =>
  new RegExp(`^ {2}(?:get )?${name} \\([^)]*\\) \\{(?:\\}|[\\s\\S]*?^ {2}\\})\\n`, 'm')
