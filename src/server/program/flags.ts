import type { ServeOptions } from '../serve.ts'
import { UsageError } from '../shared/usage-error.ts'

/** An option of the command line, as `parseArgs` takes it and as help texts show it. */
export interface Flag {
  type: 'string' | 'boolean'
  short?: string
  /** Whether it may be repeated. */
  multiple?: boolean
  /** What stands for its value in help texts, such as NUMBER. */
  value?: string
  /** What it does, and its default. */
  help: string
}

/** Options by their names, without the dashes. */
export type Flags = Readonly<Record<string, Flag>>

/** What was given, by flag. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** The value of an environment variable. */
export type Environment = (name: string) => string | undefined

/** What the program needs beside what a server does. */
export interface ProgramOptions extends ServeOptions {
  /** Files in PEM. */
  tlsFiles?: { cert: string; key: string }
  /** Milliseconds over which clients are told to move. */
  drain?: number
}

/** Options that belong together. */
export interface FlagGroup {
  flags: Flags
  /** @throws UsageError */
  read(values: Values, environment: Environment): ProgramOptions
}

/** What a flag was given, if it was. */
export const textOf = (values: Values, name: string): string | undefined => values[name] as string | undefined

/** All that a flag was given that may be given several times. */
export const textsOf = (values: Values, name: string): string[] => (values[name] as string[] | undefined) ?? []

/** A day at most, which every timer can hold. */
const MAX_SECONDS = 86_400

/**
 * A length of time in milliseconds, which is given in seconds: `10`, `10s` or `0.5`.
 *
 * @param name of the flag, such as `--drain`
 * @throws UsageError
 */
export function readSeconds(text: string, name: string): number {
  const seconds = Number.parseFloat(text)
  if (/^\d+(\.\d+)?s?$/.test(text) && seconds <= MAX_SECONDS) return seconds * 1_000
  throw new UsageError(`Cannot wait as ${name} must be in 0..${MAX_SECONDS} seconds: it is ${text}`)
}

/**
 * A TCP port; 0 for any.
 *
 * @throws UsageError
 */
export function readPort(text: string, name: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new UsageError(`Cannot listen as ${name} must be in 0..65535: it is ${text}`)
}

/**
 * One of some words.
 *
 * @param name of the flag, such as `--log`
 * @throws UsageError
 */
export function readChoice<const Choice extends string>(
  text: string,
  name: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((choice) => choice === text)
  if (choice !== undefined) return choice
  throw new UsageError(`Cannot go on as ${name} must be one of ${choices.join(', ')}: it is ${text}`)
}
