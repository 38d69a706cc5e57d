import { readdirSync, readFileSync } from 'node:fs'

interface Manifest {
  version: string
  license: string
  author?: string | { name: string }
}

/** Returns the licences of packages whose code is part of ours, as these licences require. */
export function noticesOf(root: string, packages: readonly string[]): string {
  const notices = [...new Set(packages)].sort().map((name) => {
    const folder = `${root}node_modules/${name}/`
    const { version, license, author } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8')) as Manifest
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name))
    const by = typeof author === 'object' ? author.name : author
    const text = file === undefined ? `By ${by}` : readFileSync(folder + file, 'utf8').trim()
    return `${name} ${version}, ${license}\n\n${text}\n`
  })
  return ['This package contains code of these packages.\n', ...notices].join(`\n${'-'.repeat(80)}\n\n`)
}
