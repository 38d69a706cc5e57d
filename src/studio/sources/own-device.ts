/** Where this tab keeps its number: it outlives a reload, and no other tab has it. */
const KEY = 'datastreams-device'

/** Names a source of this tab, the same after a reload, so that its streams go on for others when it is shared again. */
export function deviceId(source: string): string {
  let tab = sessionStorage.getItem(KEY)
  if (tab === null) {
    tab = crypto.getRandomValues(new Uint32Array(2)).join('-')
    sessionStorage.setItem(KEY, tab)
  }
  return `${source}: ${tab}`
}
