import { convertIPv4ToBinary, convertIPv6ToBinary, distinctRemoteAddr } from 'hono/utils/ipaddr'

/** A range of addresses, including both ends. An IPv4 address has the form `::ffff:a.b.c.d`. */
export interface AddressRange {
  first: bigint
  last: bigint
}

const BITS = 128
const MAPPED = 0xffffn << 32n

/**
 * Reads an address or a range, such as `::1` or `10.0.0.0/8` (RFC 4632, RFC 4291).
 *
 * @throws RangeError if the text is neither
 */
export function readRange(text: string): AddressRange {
  const [address = '', prefix, more] = text.split('/')
  const value = readAddress(address)
  const bits = distinctRemoteAddr(address) === 'IPv4' ? 32 : BITS
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  if (value === undefined || more !== undefined || !(length <= bits)) {
    throw new RangeError(`it is ${text}, which is neither an address nor a range such as 10.0.0.0/8`)
  }
  const free = (1n << BigInt(bits - length)) - 1n
  return { first: value - (value & free), last: value | free }
}

/**
 * Returns the address of the client. That is the remote end of the connection. If the remote end is a trusted proxy,
 * the client is in the proxy's `X-Forwarded-For`.
 *
 * Each proxy appends the address that connected to it. So the client is the last address that is not a trusted proxy.
 * The client itself can write the entries before it, so the server ignores them.
 *
 * @param remote address of the remote end of the connection
 * @param forwarded the header; its entries may have ports
 * @param trusted addresses of the trusted proxies
 */
export function clientAddress(remote: string, forwarded: string | undefined, trusted: readonly AddressRange[]): string {
  const hops = forwarded?.split(',').map((hop) => hop.trim()) ?? []
  let client = remote
  while (isTrusted(client, trusted)) {
    const before = withoutPort(hops.pop())
    // Stop at a proxy that reports no address, or no valid one: nothing else identifies the client.
    if (before === undefined || readAddress(before) === undefined) break
    client = before
  }
  return client
}

/**
 * Returns the unit by which the server counts connections: an IPv4 address, or the /64 of an IPv6 address. One host
 * can use every address of a /64.
 */
export function networkOf(address: string): string {
  const value = readAddress(address)
  if (value === undefined) return address
  if (value >> 32n === 0xffffn) return `v4 ${value & 0xffff_ffffn}`
  return `v6 ${value >> 64n}`
}

const LOOPBACK = [readRange('127.0.0.0/8'), readRange('::1')]

export const isLoopback = (address: string): boolean => isTrusted(address, LOOPBACK)

function isTrusted(address: string, ranges: readonly AddressRange[]): boolean {
  if (ranges.length === 0) return false
  const value = readAddress(address)
  return value !== undefined && ranges.some(({ first, last }) => first <= value && value <= last)
}

function readAddress(text: string): bigint | undefined {
  try {
    return distinctRemoteAddr(text) === 'IPv4' ? MAPPED | convertIPv4ToBinary(text) : convertIPv6ToBinary(text)
  } catch {
    return undefined
  }
}

/** Removes the port, which some proxies add: `203.0.113.7:4711`, `[2001:db8::7]:4711`. */
const withoutPort = (hop: string | undefined): string | undefined =>
  hop === undefined ? undefined : (/^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop)
