// Files of packages that Deno imports as text. Deno knows that they are text; tsc has to be told that they are there.
declare module '@msgpack/msgpack/dist.umd/msgpack.min.js'
declare module 'uplot/dist/uPlot.esm.js'
declare module 'uplot/dist/uPlot.min.css'
