import { isLoopback } from './client-address.ts'

/** A host as the header `Host` names it (RFC 9110, section 7.2). */
export interface Host {
  /** In the form of URLs: lower case, IPv6 in brackets. Without a dot at the end, because it names the same host. */
  name: string
  /** If undefined, the port is that of the scheme. */
  port: number | undefined
}

/** The origin of a page (RFC 6454). */
export interface Origin extends Host {
  /** Such as `https`. */
  scheme: string
}

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 }

/** Reads a host, such as `localhost:8080` or `[::1]`. @returns undefined if the text is not a host */
export function readHost(text: string): Host | undefined {
  const [, name, port] = /^(\[[\da-f:.]+\]|[\p{L}\p{M}\p{N}._-]+)(?::(\d*))?$/iu.exec(text) ?? []
  // `URL` also puts other forms of an address into the usual one, such as `127.1` and `[0::1]`.
  const url = name !== undefined && URL.canParse(`http://${name}`) ? new URL(`http://${name}`) : undefined
  return url && { name: url.hostname.replace(/\.$/, ''), port: port ? Number(port) : undefined }
}

/**
 * Reads an origin, such as `https://lab.example.org` or `capacitor://localhost`.
 *
 * @returns undefined for other text, such as `null`: browsers send that for pages without an origin of their own
 */
export function readOrigin(text: string): Origin | undefined {
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d+.-]*):\/\/([^/]+)\/?$/i.exec(text) ?? []
  const host = readHost(rest)
  return host && { ...host, scheme: scheme.toLowerCase() }
}

/** Reads a URL of the web, such as `https://example.org/streams`. @returns its origin; undefined for other text */
export const readPublicUrl = (text: string): Origin | undefined =>
  /^https?:/i.test(text) && URL.canParse(text) ? readOrigin(new URL(text).origin) : undefined

/** Returns an origin as browsers write it (RFC 6454, section 6.2). */
export const originText = (origin: Origin): string => {
  const port = portOf(origin, origin.scheme)
  return `${origin.scheme}://${origin.name}${port === PORTS[origin.scheme] ? '' : `:${port}`}`
}

/** Returns the port of a host, which depends on the scheme if the host names no port. */
export const portOf = ({ port }: Host, scheme: string): number | undefined => port ?? PORTS[scheme]

/** Whether an origin is that of a page which came over HTTP. An app's own scheme may use any name. */
export const isWeb = ({ scheme }: Origin): boolean => scheme in PORTS

/** Whether a name leads to the machine itself (RFC 6761, section 6.3). */
export const isLoopbackName = (name: string): boolean =>
  name === 'localhost' || name.endsWith('.localhost') || isLoopback(name.replace(/^\[|\]$/g, ''))

/** Whether a host's name is an IP address. `URL` rejects all other names that end in a number. */
export const isAddress = (name: string): boolean => name.startsWith('[') || /^[\d.]+$/.test(name)
