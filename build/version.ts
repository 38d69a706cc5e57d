/**
 * The version has one place: package.json. `npm version` changes it there, and runs this program, which carries it to
 * deno.json and CHANGELOG.md. `node build/version.ts --check v1.2.3` fails unless that tag may be published.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'

/** The texts that know the version. */
export interface VersionFiles {
  packageJson: string
  packageLock: string
  denoJson: string
  changelog: string
}

/** The sections of a release (Keep a Changelog 1.1.0, "Types of changes"). */
const SECTIONS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']
const UNRELEASED = '## [Unreleased]'

/**
 * Turns the unreleased changes of a changelog into a release.
 *
 * @param date such as 2026-11-30
 * @throws Error if there is nothing to release, or the version is there already
 */
export function releaseChanges(changelog: string, version: string, date: string): string {
  if (changelog.includes(`## [${version}]`)) throw new Error(`Cannot release ${version}: CHANGELOG.md has it already`)
  if (!/^## \[Unreleased\]\s+### /m.test(changelog)) throw new Error('Cannot release: CHANGELOG.md has no changes')
  return changelog.replace(UNRELEASED, `${UNRELEASED}\n\n## [${version}] - ${date}`)
}

/** Replaces the version in the text of deno.json, and nothing else. */
export const withVersion = (denoJson: string, version: string): string =>
  denoJson.replace(/("version": ")[^"]*/, `$1${version}`)

/**
 * Returns the reasons why this version must not be published, one sentence each.
 *
 * @param tag such as v1.2.3; without it, the files must only agree
 */
export function versionProblems(files: VersionFiles, tag?: string): string[] {
  const { version } = JSON.parse(files.packageJson) as { version: string }
  const lock = JSON.parse(files.packageLock) as { version: string; packages: Record<string, { version?: string }> }
  const others: Record<string, string | undefined> = {
    'deno.json': JSON.parse(files.denoJson).version,
    'package-lock.json': lock.version,
    'The first package of package-lock.json': lock.packages['']?.version,
    ...(tag === undefined ? {} : { 'The tag': tag.replace(/^v/, '') }),
  }
  const different = Object.entries(others)
    .filter(([, found]) => found !== version)
    .map(([where, found]) => `${where} has version ${found}, but package.json ${version}`)
  const isReleased = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - `, 'm').test(files.changelog)
  const missing = tag === undefined || isReleased ? [] : [`CHANGELOG.md has no release ${version}`]
  return [...different, ...missing, ...changelogProblems(files.changelog)]
}

/** Returns where a changelog differs from the form of Keep a Changelog 1.1.0, one sentence each. */
export function changelogProblems(changelog: string): string[] {
  const problems: string[] = []
  const headings = changelog.split('\n').filter((line) => /^##? /.test(line))
  if (headings[0] !== '# Changelog') problems.push('The first heading must be: # Changelog')
  if (headings[1] !== UNRELEASED) problems.push(`The second heading must be: ${UNRELEASED}`)
  let before: string | undefined
  for (const heading of headings.slice(2)) {
    const date = /^## \[\d+\.\d+\.\d+(?:-[\w.-]+)?\] - (\d{4}-\d\d-\d\d)(?: \[YANKED\])?$/.exec(heading)?.[1]
    if (date === undefined) problems.push(`A release must have a version and a date: ${heading}`)
    else if (before !== undefined && date > before) problems.push(`Newer releases must be first: ${heading}`)
    before = date
  }
  for (const release of changelog.split(/^## /m).slice(1)) {
    const sections = [...release.matchAll(/^### (.*)$/gm)].map(([, name]) => name as string)
    for (const [i, name] of sections.entries()) {
      if (!SECTIONS.includes(name)) problems.push(`A section must be one of ${SECTIONS.join(', ')}: ${name}`)
      if (sections.indexOf(name) < i) problems.push(`A release must have a section once: ${name}`)
    }
  }
  return problems
}

const paths = {
  packageJson: 'package.json',
  packageLock: 'package-lock.json',
  denoJson: 'deno.json',
  changelog: 'CHANGELOG.md',
}
const urlOf = (path: string): URL => new URL(`../${path}`, import.meta.url)

/** Reads the files of this project. */
export const readVersionFiles = (): VersionFiles =>
  Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [name, readFileSync(urlOf(path), 'utf8')]),
  ) as unknown as VersionFiles

if (import.meta.main) {
  const files = readVersionFiles()
  const [option, tag] = process.argv.slice(2)
  if (option === '--check') {
    const problems = versionProblems(files, tag)
    if (problems.length > 0) throw new Error(`Cannot publish ${tag}:\n${problems.join('\n')}`)
  } else {
    const { version } = JSON.parse(files.packageJson) as { version: string }
    const date = new Date().toISOString().slice(0, 10)
    writeFileSync(urlOf(paths.changelog), releaseChanges(files.changelog, version, date))
    writeFileSync(urlOf(paths.denoJson), withVersion(files.denoJson, version))
  }
}
