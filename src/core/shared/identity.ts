/** Who somebody is, and what that allows, as somebody trusted says it: a token's claims, or the host. */
export interface Identity {
  /** What rooms are restricted by; of a token the `sub`. */
  auth: string
  /** What others see as the name in the user's info, whatever the user says. */
  name?: string
  /** The names of the rooms that may be seen, made and entered; `*` stands for any characters. @default every room */
  rooms?: readonly string[]
  /** Whether rooms may be made. @default true */
  create?: boolean
  /** Whether something may be sent to others. @default true */
  publish?: boolean
  /** Whether something may be received of others. @default true */
  subscribe?: boolean
  /** Whether every room may be seen, closed and restricted, and everybody removed. @default false */
  admin?: boolean
  /** When it is over, in milliseconds since the epoch. @default never */
  expires?: number
}

/** Who has not said yet who it is, where that is asked for. */
export const NOBODY: Identity = Object.freeze({ auth: '', rooms: [], create: false, publish: false, subscribe: false })

/** Whether a room of that name is among those that are allowed. */
export const namesRoom = ({ rooms }: Identity, name: string): boolean =>
  rooms === undefined || rooms.some((pattern) => matches(pattern, name))

/**
 * Whether a text is as the pattern says, in which `*` stands for any characters. What stands between the stars is looked
 * for from left to right, so that no pattern takes more than its length times that of the text.
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
