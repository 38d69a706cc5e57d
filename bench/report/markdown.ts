import { boundOf, formatCell, formatVerdict, verdictOf } from './text.ts'
import type { Cell, Goal, Report, Table } from './types.ts'

const HEAD = `# Results of the benches

Written by \`npm run bench\` (or \`bun run bench\`) on the machine that is named; what is compared comes from one run.
Figures are the median of the rounds, and in brackets the smallest and the largest; ratios are those within one round. Others'
machines give other figures: the ratios are what counts.`

/**
 * Writes RESULTS.md from the reports of all benches.
 *
 * @param plots folder of the plots, relative to RESULTS.md
 */
export function writeMarkdown(reports: readonly Report[], plots: string): string {
  return `${[HEAD, where(reports), goals(reports), ...reports.map((report) => section(report, plots))].join('\n\n')}\n`
}

function where(reports: readonly Report[]): string {
  const [first] = reports
  if (first === undefined) throw new Error('Cannot write results of no bench')
  const { processor, processors, memory, system } = first.machine
  const versions = Object.entries(
    Object.assign({}, ...reports.map((report) => report.versions)) as Record<string, string>,
  )
  const dates = [...new Set(reports.map(({ date }) => date))].sort()
  const lines = [
    `- ${processors} × ${processor}, ${memory} GiB, ${system}`,
    `- ${versions.map(([name, version]) => `${name} ${version}`).join(', ')}`,
    `- ${dates.join(' and ')}`,
  ]
  if (reports.some(({ quick }) => quick)) lines.push('- **With `--quick`: these figures mean little.**')
  return lines.join('\n')
}

function goals(reports: readonly Report[]): string {
  const all = reports.flatMap(({ bench, goals }) => goals.map((goal) => ({ bench, goal })))
  const rows = all.map(({ bench, goal }): Cell[] => {
    const verdict = verdictOf(goal)
    return [
      goal.what,
      goal.measured,
      boundOf(goal),
      verdict === 'missed' || verdict === 'not measured' ? `**${verdict}**` : formatVerdict(goal),
      `\`bench/${bench}.ts\``,
    ]
  })
  const missed = explain(
    all.map(({ goal }) => goal).filter((goal) => ['missed', 'at the limit'].includes(verdictOf(goal))),
  )
  const table = tableOf({ title: '', columns: ['', 'measured', 'goal', '', ''], rows })
  return ['## Goals', table, ...(missed.length > 0 ? [missed.join('\n')] : [])].join('\n\n')
}

/** Groups the goals that are not met by reason, so that each reason appears once. */
function explain(missed: readonly Goal[]): string[] {
  const reasons = Map.groupBy(missed, ({ why }) => why ?? 'why this is missed is not known yet')
  return Array.from(reasons, ([why, goals]) => `- ${goals.map(({ what }) => `**${what}**`).join('; ')}: ${why}`)
}

function section({ title, method, tables, plots: drawn, rounds }: Report, plots: string): string {
  return [
    `## ${title}`,
    method.map((sentence) => `- ${sentence}`).join('\n') + (rounds > 1 ? `\n- ${rounds} rounds.` : ''),
    ...drawn.map(({ name, title }) => `![${title}](${plots}/${name}.svg)`),
    ...tables.map((table) => `**${table.title}**\n\n${tableOf(table)}`),
  ].join('\n\n')
}

function tableOf({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = columns.map((_, i) => (i === 0 ? '---' : '---:'))
  return [line(columns), line(rule), ...rows.map((row) => line(row.map(formatCell)))].join('\n')
}
