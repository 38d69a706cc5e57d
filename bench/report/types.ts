import type { Machine } from '../shared/machine.ts'
import type { Summary } from '../shared/statistics.ts'

/** A goal of a bench. */
export interface Goal {
  what: string
  /** Undefined if it could not be measured, such as without /proc. */
  measured: Summary | undefined
  /** Bounds of the median. */
  atMost?: number
  atLeast?: number
  unit?: string
  /**
   * The same figure of the least that any implementation must do, measured in the same rounds. If it misses the goal, no
   * implementation can meet it.
   */
  limit?: Summary | undefined
  /** For a missed goal: the reason, from a profile, and what would help. */
  why?: string
}

/** A figure of several rounds, a number, or text. A missing figure is undefined, which is null in JSON. */
export type Cell = Summary | number | string | undefined | null

export interface Table {
  title: string
  columns: string[]
  rows: Cell[][]
}

interface PlotBase {
  /** Name of the file, without its extension. */
  name: string
  title: string
  /** Meaning and unit of the figures. */
  label: string
}

/** A bar for each contestant; ours have another color. */
export interface BarPlot<Value = Summary> extends PlotBase {
  kind: 'bars'
  bars: { name: string; value: Value; ours: boolean }[]
}

/** Curves on logarithmic axes. */
export interface CurvePlot extends PlotBase {
  kind: 'curves'
  xLabel: string
  curves: { name: string; points: [x: number, y: number][] }[]
}

export type Plot = BarPlot | CurvePlot

/** The results of one bench. RESULTS.md is written from the reports of all benches. */
export interface Report {
  /** Name of the bench's file, such as `relay`. */
  bench: string
  title: string
  date: string
  machine: Machine
  versions: Record<string, string>
  quick: boolean
  rounds: number
  /** How the bench measures, one sentence in each entry. */
  method: string[]
  goals: Goal[]
  tables: Table[]
  plots: Plot[]
}
