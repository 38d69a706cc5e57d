import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import t from 'tap'
import {
  changelogProblems,
  readVersionFiles,
  releaseChanges,
  type VersionFiles,
  versionProblems,
} from '../../build/version.ts'
import { environment, root, run } from '../fixture/server.ts'

const files = readVersionFiles()

t.test('all files have the version of package.json, and the changelog has its form', async (t) => {
  t.strictSame(versionProblems(files), [])
})

t.test('a file with another version is found', async (t) => {
  const changed = (name: keyof VersionFiles, from: string | RegExp, to: string): VersionFiles => ({
    ...files,
    [name]: files[name].replace(from, to),
  })
  const version = /"version": "[^"]+"/
  const cases: [VersionFiles, RegExp][] = [
    [changed('denoJson', version, '"version": "99.0.0"'), /^deno\.json has version 99\.0\.0, but package\.json/],
    [changed('denoJson', version, '"other": ""'), /^deno\.json has version undefined/],
    [changed('packageLock', version, '"version": "99.0.0"'), /^package-lock\.json has version 99\.0\.0/],
    [changed('changelog', '### Added', '### News'), /^A section must be one of Added, .*: News$/],
  ]
  for (const [given, message] of cases) {
    const problems = versionProblems(given)
    t.equal(problems.length, 1)
    t.match(problems[0], message)
  }
})

t.test('only the tag of a released version may be published', async (t) => {
  const { version } = JSON.parse(files.packageJson) as { version: string }
  const released = {
    ...files,
    changelog: releaseChanges('# Changelog\n\n## [Unreleased]\n\n### Added\n', version, '2026-11-30'),
  }
  t.strictSame(versionProblems(released, `v${version}`), [])
  t.match(versionProblems(released, 'v99.0.0'), [/^The tag has version 99\.0\.0/])
  const unreleased = { ...files, changelog: '# Changelog\n\n## [Unreleased]\n' }
  t.strictSame(versionProblems(unreleased, `v${version}`), [`CHANGELOG.md has no release ${version}`])
})

t.test('the unreleased changes become a release', async (t) => {
  const before = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- It.\n\n## [1.0.0] - 2026-01-02\n\n### Fixed\n'
  const after = releaseChanges(before, '1.1.0', '2026-11-30')
  t.equal(
    after,
    '# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-11-30\n\n### Added\n\n- It.\n\n## [1.0.0] - 2026-01-02\n\n### Fixed\n',
  )
  t.strictSame(changelogProblems(after), [])
  t.throws(() => releaseChanges(before, '1.0.0', '2026-11-30'), { message: /CHANGELOG\.md has it already/ })
  t.throws(() => releaseChanges(after, '1.2.0', '2026-12-01'), { message: /CHANGELOG\.md has no changes/ })
})

t.test('a changelog in another form than Keep a Changelog is found', async (t) => {
  const cases: [string, RegExp][] = [
    ['# Changes\n\n## [Unreleased]\n', /first heading/],
    ['# Changelog\n\n## [1.0.0] - 2026-01-02\n', /second heading/],
    ['# Changelog\n\n## [Unreleased]\n\n## 1.0.0\n', /version and a date: ## 1\.0\.0/],
    ['# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2.1.2026\n', /version and a date/],
    [
      '# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-01-02\n\n## [1.1.0] - 2026-02-03\n',
      /Newer releases must be first/,
    ],
    ['# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n### Added\n\n### Fixed\n', /a section once: Fixed/],
  ]
  for (const [changelog, message] of cases) t.match(changelogProblems(changelog), [message])
})

t.test('npm version changes every file, commits and tags, and the tag may be published', async (t) => {
  const folder = t.testdir()
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8', env: environment() })
  for (const path of ['package.json', 'package-lock.json', 'deno.json', 'CHANGELOG.md', 'build/version.ts']) {
    mkdirSync(`${folder}/build`, { recursive: true })
    cpSync(root + path, `${folder}/${path}`)
  }
  symlinkSync(`${root}node_modules`, `${folder}/node_modules`)
  git('init', '--quiet')
  git('config', 'user.name', 'Release')
  git('config', 'user.email', 'release@example.org')
  git('add', '--all', '--', ':!node_modules')
  git('commit', '--quiet', '--message', 'Start')
  const npm = await run(['npm', '--prefix', folder, 'version', '99.1.2'])
  t.equal(npm.code, 0, npm.stderr)
  t.equal(git('tag').trim(), 'v99.1.2')
  t.equal(git('status', '--porcelain', '--untracked-files=no'), '', 'everything is committed')
  const check = (tag: string) => run([process.execPath, `${folder}/build/version.ts`, '--check', tag])
  const [right, wrong] = [await check('v99.1.2'), await check('v99.1.3')]
  t.equal(right.code, 0, right.stderr)
  t.equal(wrong.code, 1)
  t.match(wrong.stderr, /The tag has version 99\.1\.3/)
  t.match(readFileSync(`${folder}/CHANGELOG.md`, 'utf8'), /^## \[99\.1\.2\] - \d{4}-\d\d-\d\d$/m)
})

t.test('the workflow runs only what exists', async (t) => {
  const workflow = readFileSync(`${root}.github/workflows/ci.yml`, 'utf8')
  const { scripts } = JSON.parse(files.packageJson) as { scripts: Record<string, string> }
  const used = [...workflow.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string)
  t.ok(used.length >= 3, `${used.length} scripts are used`)
  for (const name of used) t.ok(name in scripts, `npm run ${name}`)
  for (const [, path] of workflow.matchAll(/(\.ci\/[\w-]+|build\/[\w-]+\.ts)/g))
    t.ok(existsSync(root + path), path as string)
})

t.test('each registry has a job of its own, and only these jobs may request a token', async (t) => {
  const workflow = readFileSync(`${root}.github/workflows/ci.yml`, 'utf8')
  const published: string[] = []
  for (const job of workflow.split(/^ {2}(?=\w+:$)/m)) {
    const registries = [...job.matchAll(/\b(npm|deno) publish\b/g)].map(([, name]) => name as string)
    t.ok(registries.length <= 1, job)
    t.equal(job.includes('id-token: write'), registries.length === 1, job)
    published.push(...registries)
  }
  t.strictSame(published, ['npm', 'deno'])
})
