import type { ServeOptions } from '../serve.ts'
import { UsageError } from '../shared/usage-error.ts'

/** An option of the command line, for `parseArgs` and for help texts. */
export interface Flag {
  type: 'string' | 'boolean'
  short?: string
  /** Whether the user may repeat the option. */
  multiple?: boolean
  /** Placeholder of the value in help texts, such as NUMBER. */
  value?: string
  /** What the option does, and its default. */
  help: string
}

/** Options by name, without the dashes. */
export type Flags = Readonly<Record<string, Flag>>

/** The values on the command line, by option. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** Returns the value of an environment variable. */
export type Environment = (name: string) => string | undefined

/** The options of the server, and those that only the program has. */
export interface ProgramOptions extends ServeOptions {
  /** Paths of PEM files. */
  tlsFiles?: { cert: string; key: string }
  /** Milliseconds over which the server asks its clients to reconnect. */
  drain?: number
}

/** Options that belong together. */
export interface FlagGroup {
  flags: Flags
  /** @throws UsageError if a value is invalid */
  read(values: Values, environment: Environment): ProgramOptions
}

/** Returns the value of an option; undefined if it is not on the command line. */
export const textOf = (values: Values, name: string): string | undefined => values[name] as string | undefined

/** Returns all values of a repeatable option. */
export const textsOf = (values: Values, name: string): string[] => (values[name] as string[] | undefined) ?? []

/** Longest time, in seconds: one day, which every timer can hold. */
const MAX_SECONDS = 86_400

/**
 * Reads a time in seconds: `10`, `10s` or `0.5`.
 *
 * @param name of the option, such as `--drain`
 * @returns milliseconds
 * @throws UsageError if the text is not a time, or is longer than a day
 */
export function readSeconds(text: string, name: string): number {
  const seconds = Number.parseFloat(text)
  if (/^\d+(\.\d+)?s?$/.test(text) && seconds <= MAX_SECONDS) return seconds * 1_000
  throw new UsageError(`${name} must be in 0..${MAX_SECONDS} seconds: it is ${text}`)
}

/**
 * Reads a TCP port; 0 stands for any free port.
 *
 * @param name of the option, such as `--port`
 * @throws UsageError if the text is not a port
 */
export function readPort(text: string, name: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new UsageError(`Cannot listen: ${name} must be in 0..65535: it is ${text}`)
}

/**
 * Reads one of several words.
 *
 * @param name of the option, such as `--log`
 * @throws UsageError if the text is not one of `choices`
 */
export function readChoice<const Choice extends string>(
  text: string,
  name: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((choice) => choice === text)
  if (choice !== undefined) return choice
  throw new UsageError(`${name} must be one of ${choices.join(', ')}: it is ${text}`)
}
