import { writeFileSync } from 'node:fs'
import { describeMachine, type Machine, runtimeVersions } from '../shared/machine.ts'
import type { BenchOptions } from '../shared/options.ts'
import { tellsUsage } from '../shared/process-usage.ts'
import type { Summary } from '../shared/statistics.ts'
import { formatReport } from './text.ts'

/** What was to be reached. */
export interface Goal {
  what: string
  /** Undefined where it could not be measured, as where the system does not tell. */
  measured: Summary | undefined
  /** The median must not be above, or not below. */
  atMost?: number
  atLeast?: number
  unit?: string
  /** For a goal that is missed: why, as a profile has it, and what would mend it. */
  why?: string
}

/** A figure of several rounds, one number, or text; undefined where there is none, which JSON has as null. */
export type Cell = Summary | number | string | undefined | null

export interface Table {
  title: string
  columns: string[]
  rows: Cell[][]
}

interface PlotBase {
  /** Of the file, without its ending. */
  name: string
  title: string
  /** What the figures are, with the unit. */
  label: string
}

/** Bars, one for each; those that are ours stand out. */
export interface BarPlot<Value = Summary> extends PlotBase {
  kind: 'bars'
  bars: { name: string; value: Value; ours: boolean }[]
}

/** Curves over logarithmic axes. */
export interface CurvePlot extends PlotBase {
  kind: 'curves'
  xLabel: string
  curves: { name: string; points: [x: number, y: number][] }[]
}

export type Plot = BarPlot | CurvePlot

/** What one bench found; RESULTS.md is written from those of all. */
export interface Report {
  /** Of the file that it was made by, such as `relay`. */
  bench: string
  title: string
  date: string
  machine: Machine
  versions: Record<string, string>
  quick: boolean
  rounds: number
  /** How it was measured, a sentence each. */
  method: string[]
  goals: Goal[]
  tables: Table[]
  plots: Plot[]
}

export interface Findings extends Pick<Report, 'bench' | 'title' | 'versions' | 'method' | 'goals' | 'tables'> {
  /** A bar that there is no figure for is left out. */
  plots: FoundPlot[]
}

type FoundPlot = BarPlot<Summary | undefined> | CurvePlot

/** Shows what was found, and writes it where that was asked for. */
export function finish(findings: Findings, { quick, json, rounds }: BenchOptions): void {
  const { goals, tables, plots } = findings
  const report: Report = {
    ...findings,
    goals: goals.map((goal) => ({ ...goal, measured: known(goal.measured) })),
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

/** Such as a ratio to what took less time than the system counts in, which is no number. */
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
