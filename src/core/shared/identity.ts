/** Who a user is, and what it may do. A trusted source provides it: a token's claims, or the host. */
export interface Identity {
  /** The value that `restrictions.users` of a room is compared with; in a token, the `sub`. */
  auth: string
  /** The name in the user's info. It overrides the name that the user sends. */
  name?: string
  /**
   * Patterns for the names of rooms that the user may see, create and enter; `*` matches any characters.
   *
   * @default every room
   */
  rooms?: readonly string[]
  /** Whether the user may create rooms. @default true */
  create?: boolean
  /** Whether the user may send data to others. @default true */
  publish?: boolean
  /** Whether the user may receive data from others. @default true */
  subscribe?: boolean
  /** Whether the user may see, close and restrict every room, and remove any peer. @default false */
  admin?: boolean
  /** When the identity expires, in milliseconds since the epoch. @default never */
  expires?: number
}

/** The identity of a user that must show a token and has not done so yet. */
export const NOBODY: Identity = Object.freeze({ auth: '', rooms: [], create: false, publish: false, subscribe: false })

/** Returns whether the identity's room patterns match a name. */
export const namesRoom = ({ rooms }: Identity, name: string): boolean =>
  rooms === undefined || rooms.some((pattern) => matches(pattern, name))

/**
 * Returns whether a text matches a pattern, in which `*` stands for any characters. The search for the parts between
 * the stars runs from left to right without backtracking. Its cost is at most the pattern's length times the text's
 * length.
 */
export function matches(pattern: string, text: string): boolean {
  const [first, ...others] = pattern.split('*') as [string, ...string[]]
  const last = others.pop()
  if (last === undefined) return pattern === text
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false
  const end = text.length - last.length
  let at = first.length
  for (const part of others) {
    at = text.indexOf(part, at)
    if (at < 0 || at + part.length > end) return false
    at += part.length
  }
  return true
}
