/** Colours for the canvas. All other colours are in the style sheet. */
export interface Theme {
  /** Colours of the channels, in order. They repeat after the last one. */
  traces: readonly string[]
  text: string
  grid: string
}

const LIGHT: Theme = {
  traces: ['#0f766e', '#1d4ed8', '#b45309', '#7e22ce', '#be123c', '#3f6212', '#0369a1', '#9d174d'],
  text: '#56636a',
  grid: '#e6eaec',
}
const DARK: Theme = {
  traces: ['#2dd4bf', '#7aa7ff', '#fbbf24', '#c99bff', '#fb8095', '#a3e635', '#4cc3ff', '#f58ec8'],
  text: '#98a6ad',
  grid: '#283034',
}

const dark = matchMedia('(prefers-color-scheme: dark)')

export const theme = (): Theme => (dark.matches ? DARK : LIGHT)

/** Calls back when the user's system changes to dark or light, until the signal aborts. */
export const onThemeChange = (callback: () => void, signal: AbortSignal): void =>
  dark.addEventListener('change', callback, { signal })
