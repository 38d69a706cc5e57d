import { convertIPv4ToBinary, convertIPv6ToBinary, distinctRemoteAddr } from 'hono/utils/ipaddr'

/** Addresses from one to another, both included; those of version 4 as `::ffff:a.b.c.d`. */
export interface AddressRange {
  first: bigint
  last: bigint
}

const BITS = 128
const MAPPED = 0xffffn << 32n

/**
 * Reads `10.0.0.0/8`, `::1` and the like (RFC 4632, RFC 4291).
 *
 * @throws RangeError
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
 * Where a connection comes from: its other end, or where that is a proxy which is trusted, what the proxy says in
 * `X-Forwarded-For`. Each proxy appends whom it was reached by, so the client is the last that is not a trusted proxy:
 * what stands in front of it is the client's own word, and never believed.
 *
 * @param remote the other end of the connection
 * @param forwarded the header; its entries may have ports
 */
export function clientAddress(remote: string, forwarded: string | undefined, trusted: readonly AddressRange[]): string {
  const hops = forwarded?.split(',').map((hop) => hop.trim()) ?? []
  let client = remote
  while (isTrusted(client, trusted)) {
    const before = withoutPort(hops.pop())
    // A proxy that says nothing, or what is no address, is as far as we can see.
    if (before === undefined || readAddress(before) === undefined) break
    client = before
  }
  return client
}

/** What connections are counted by: an address of version 4, or the network of one of version 6, which one host fills. */
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

/** As some proxies write it: `203.0.113.7:4711`, `[2001:db8::7]:4711`. */
const withoutPort = (hop: string | undefined): string | undefined =>
  hop === undefined ? undefined : (/^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop)
