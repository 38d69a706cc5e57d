import { asStarted } from './program.ts'

/** What a program needs to be a peer: the companion, and WebRTC, which no runtime includes. */
export interface Loaded<Companion> {
  companion: Companion
  wrtc: WebRtc
}

/** The part of `@roamhq/wrtc` that the companion uses. */
interface WebRtc {
  RTCPeerConnection: unknown
  RTCSessionDescription: unknown
  RTCIceCandidate: unknown
}

/** WebRTC is not available. The message is for the program's user. */
export class NoWebRtc extends Error {
  override readonly name = 'NoWebRtc'
}

/**
 * Loads the optional package `@roamhq/wrtc`, and the companion.
 *
 * @param load imports the companion
 * @throws NoWebRtc if it cannot load the package
 */
export async function loadWebRtc<Companion>(load: () => Promise<Companion>): Promise<Loaded<Companion>> {
  return { wrtc: await loadPackage(), companion: await quietly(load) }
}

async function loadPackage(): Promise<WebRtc> {
  try {
    return (await import('@roamhq/wrtc')).default
  } catch (cause) {
    const [reason] = String((cause as Error | undefined)?.message ?? cause).split('\n')
    const message = `Cannot use WebRTC: the package @roamhq/wrtc cannot be loaded: ${reason}
With Node: npm install @roamhq/wrtc
With Deno: deno run -P=peer mod.ts … (it is a native library, which takes --allow-ffi)
Bun fetches it by itself where there is no folder node_modules; else: bun add --optional @roamhq/wrtc
It is made for Linux and macOS on x64 and arm64, and for Windows on x64`
    throw new NoWebRtc(asStarted(message), { cause })
  }
}

/**
 * Runs `load` without one message of simple-peer. Its prebuilt file has its own Buffer, which needs `__proto__`. Deno
 * has no `__proto__`, so this Buffer lacks methods, and prints that on every start. The user cannot fix that. The
 * methods serve only for random names.
 */
async function quietly<Result>(load: () => Promise<Result>): Promise<Result> {
  const { error } = console
  console.error = (...words: unknown[]) => {
    if (!String(words[0]).startsWith('This browser lacks typed array')) error(...words)
  }
  try {
    return await load()
  } finally {
    console.error = error
  }
}
