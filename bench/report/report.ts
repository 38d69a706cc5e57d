import { writeFileSync } from 'node:fs'
import { describeMachine, runtimeVersions } from '../shared/machine.ts'
import type { BenchOptions } from '../shared/options.ts'
import { tellsUsage } from '../shared/process-usage.ts'
import type { Summary } from '../shared/statistics.ts'
import { formatReport } from './text.ts'
import type { BarPlot, Cell, CurvePlot, Plot, Report } from './types.ts'

export interface Findings extends Pick<Report, 'bench' | 'title' | 'versions' | 'method' | 'goals' | 'tables'> {
  /** The report omits bars without a figure. */
  plots: FoundPlot[]
}

type FoundPlot = BarPlot<Summary | undefined> | CurvePlot

/** Prints the report, and writes it as JSON if `--json` names a file. */
export function finish(findings: Findings, { quick, json, rounds }: BenchOptions): void {
  const { goals, tables, plots } = findings
  const report: Report = {
    ...findings,
    goals: goals.map((goal) => ({ ...goal, measured: known(goal.measured), limit: known(goal.limit) })),
    tables: tables.map((table) => ({ ...table, rows: table.rows.map((row) => row.map(known)) })),
    plots: plots.map(drawable),
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: { ...runtimeVersions(), ...findings.versions },
    quick,
    rounds,
    method: tellsUsage
      ? findings.method
      : [...findings.method, 'This system has no /proc: processor time and memory were not measured.'],
  }
  console.log(formatReport(report))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`)
}

/** Omits figures that are not finite, such as a ratio to a processor time below the system's step. */
function known<Figure extends Cell>(figure: Figure): Figure | undefined {
  const values = typeof figure === 'number' ? [figure] : typeof figure === 'object' ? (figure?.values ?? []) : []
  return values.every(Number.isFinite) ? figure : undefined
}

function drawable(plot: FoundPlot): Plot {
  if (plot.kind === 'bars') {
    const bars = plot.bars.map(({ value, ...bar }) => ({ ...bar, value: known(value) }))
    return { ...plot, bars: bars.filter((bar): bar is BarPlot['bars'][number] => bar.value !== undefined) }
  }
  const curves = plot.curves.map(({ name, points }) => ({ name, points: points.filter(([, y]) => Number.isFinite(y)) }))
  return { ...plot, curves }
}
