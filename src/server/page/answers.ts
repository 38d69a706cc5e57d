import type { Context } from 'hono'
import { setNewest } from '../../protocol/mod.ts'

/** An answer that is the same for everybody. */
export interface Answer {
  headers: Readonly<Record<string, string>>
  /** Identifies the content (RFC 9110, section 8.8.3); weak, because it is the same for both bodies. */
  etag: string
  plain: Uint8Array<ArrayBuffer>
  /** Compressed; undefined if that would save next to nothing. */
  gzip: Uint8Array<ArrayBuffer> | undefined
}

/** Bytes above which a text is compressed. */
const COMPRESSED_FROM = 1_024

/** Prepares an answer: hashes and compresses it once for all requests. */
export async function prepare(text: string, headers: Record<string, string>): Promise<Answer> {
  const plain = new TextEncoder().encode(text)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', plain))
  return {
    // With `no-cache`, the browser checks the ETag each time. So a newer server never meets modules of an older page.
    headers: { ...headers, 'cache-control': 'no-cache' },
    etag: `W/"${btoa(String.fromCharCode(...digest.subarray(0, 18)))}"`,
    plain,
    gzip: plain.length < COMPRESSED_FROM ? undefined : await compress(plain),
  }
}

/** Sends a prepared answer, or 304 to a client that has it already. All requests share its bytes. */
export function send(c: Context, { headers, etag, plain, gzip }: Answer): Response {
  const shared = { ...headers, etag }
  c.header('vary', 'Accept-Encoding', { append: true })
  if (includesTag(c.req.header('if-none-match'), etag)) return c.body(null, 304, shared)
  if (gzip === undefined || !acceptsGzip(c.req.header('accept-encoding'))) {
    return c.body(plain, 200, { ...shared, 'content-length': `${plain.length}` })
  }
  return c.body(gzip, 200, { ...shared, 'content-encoding': 'gzip', 'content-length': `${gzip.length}` })
}

/**
 * Returns a function that caches what `make` returns, by key. It keeps no failure and no undefined, so that requests for
 * what does not exist displace nothing. It drops the oldest value if there are more than `most`.
 */
export function cache<Value>(most: number): Cache<Value> {
  const kept = new Map<string, Value>()
  const pending = new Map<string, Promise<Value | undefined>>()
  return async (key, make) => {
    const known = kept.get(key) ?? pending.get(key)
    if (known !== undefined) return known
    const made = Promise.resolve()
      .then(make)
      .then((value) => {
        if (value !== undefined) setNewest(kept, key, value, most)
        return value
      })
      .finally(() => pending.delete(key))
    pending.set(key, made)
    return made
  }
}

export type Cache<Value> = (key: string, make: () => Promise<Value | undefined>) => Promise<Value | undefined>

async function compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Uint8Array(await new Response(compressed).arrayBuffer())
}

/** Whether a list of tags includes one, in the weak comparison (RFC 9110, section 13.1.2). */
const includesTag = (header: string | undefined, etag: string): boolean =>
  header?.split(',').some((tag) => tag.trim() === '*' || `W/${tag.trim().replace(/^W\//, '')}` === etag) ?? false

/** Whether the client accepts gzip (RFC 9110, section 12.5.3). */
const acceptsGzip = (header: string | undefined): boolean =>
  header?.split(',').some((entry) => /^\s*gzip\s*(?:;(?!\s*q=0(?:\.0*)?\s*$)|$)/i.test(entry)) ?? false
