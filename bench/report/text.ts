import type { Summary } from '../shared/statistics.ts'
import type { Cell, Goal, Report, Table } from './types.ts'

/** Formats a report for a terminal. */
export function formatReport(report: Report): string {
  const { processor, processors, system } = report.machine
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`)
  const goals: Table = {
    title: 'Goals',
    columns: ['', 'measured', 'goal', ''],
    rows: report.goals.map((goal) => [goal.what, goal.measured, boundOf(goal), formatVerdict(goal)]),
  }
  return [
    `${report.title}${report.quick ? ' (quick: the figures mean little)' : ''}`,
    `${processors} × ${processor}, ${system}; ${versions.join(', ')}; ${report.date}`,
    ...[...report.tables, ...(report.goals.length > 0 ? [goals] : [])].map(formatTable),
  ].join('\n\n')
}

export type Verdict = 'met' | 'at the limit' | 'missed' | 'not measured'

/** A figure is at the limit if it is at most this many times as bad. Rounds differ by more. */
const NEAR = 1.05

/** A goal is missed `at the limit` if the least that any implementation must do misses it too, and is hardly better. */
export function verdictOf({ measured, limit, atMost = Infinity, atLeast = -Infinity }: Goal): Verdict {
  if (measured === undefined) return 'not measured'
  const meets = ({ median }: Summary) => median <= atMost && median >= atLeast
  if (meets(measured)) return 'met'
  if (limit === undefined || meets(limit)) return 'missed'
  const [larger, smaller] = measured.median > atMost ? [measured, limit] : [limit, measured]
  return larger.median <= smaller.median * NEAR ? 'at the limit' : 'missed'
}

/** Formats a verdict, with the limit if it is the reason. */
export function formatVerdict(goal: Goal): string {
  const verdict = verdictOf(goal)
  return verdict === 'at the limit' ? `at the limit, ${formatCell(goal.limit)}` : verdict
}

export function boundOf({ atMost, atLeast, unit }: Goal): string {
  const bounds = [atMost === undefined ? '' : `≤ ${atMost}`, atLeast === undefined ? '' : `≥ ${atLeast}`]
  return [...bounds, unit ?? ''].filter(Boolean).join(' ')
}

/** Formats a median. If there are several values, the smallest and the largest follow in brackets. */
export function formatCell(cell: Cell): string {
  if (cell === undefined || cell === null) return '–'
  if (typeof cell === 'string') return cell
  if (typeof cell === 'number') return formatNumber(cell)
  return cell.values.length === 1 ? formatNumber(cell.median) : `${formatNumber(cell.median)} ${spreadOf(cell)}`
}

const spreadOf = ({ low, high }: Summary): string => `(${formatNumber(low)}–${formatNumber(high)})`

/** Formats three significant digits. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

function formatTable({ title, columns, rows }: Table): string {
  const texts = [columns, ...rows.map((row) => row.map(formatCell))]
  const widths = columns.map((_, i) => Math.max(...texts.map((row) => (row[i] ?? '').length)))
  const lines = texts.map((row) =>
    row
      .map((text, i) => (i === 0 ? text.padEnd(widths[i] as number) : text.padStart(widths[i] as number)))
      .join('  ')
      .trimEnd(),
  )
  return [title, ...lines].join('\n')
}
