import type { Machine } from '../shared/machine.ts'
import type { Summary } from '../shared/statistics.ts'

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
