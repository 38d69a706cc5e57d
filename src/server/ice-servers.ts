import * as v from 'valibot'
import type { IceServer } from '../core/mod.ts'
import { UsageError } from './shared/usage-error.ts'

const url = v.pipe(v.string(), v.regex(/^(?:stun|turn)s?:./))
const servers = v.array(
  v.object({
    urls: v.union([url, v.pipe(v.array(url), v.minLength(1))]),
    username: v.optional(v.string()),
    credential: v.optional(v.string()),
  }),
)

/**
 * Reads ICE servers from a file's text: an array as in `RTCConfiguration` (W3C WebRTC), alone or as `{iceServers}`.
 *
 * @param path the file's path, for the error
 * @throws UsageError if the text is not JSON or an entry is invalid; the message names the entry
 */
export function readIceServers(text: string, path: string): IceServer[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`Cannot read ICE servers from ${path}: it must be JSON: ${(cause as Error).message}`, {
      cause,
    })
  }
  const list = (json as { iceServers?: unknown } | null)?.iceServers ?? json
  const result = v.safeParse(servers, list)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new UsageError(
    `Cannot read ICE servers from ${path}: ${v.getDotPath(issue) ?? 'the file'} is not valid: ${issue.message}`,
  )
}
