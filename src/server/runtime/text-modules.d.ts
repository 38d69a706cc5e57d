// Package files that Deno imports as text. Deno knows that they are text; tsc needs a declaration for each.
declare module 'uplot/dist/uPlot.esm.js'
declare module 'uplot/dist/uPlot.min.css'
