/** Key of the number of this tab. The number survives a reload, and other tabs do not see it. */
const KEY = 'datastreams-device'

/**
 * Returns the device id of a source of this tab. A reload keeps it, so receivers continue the streams when the user
 * shares again.
 */
export function deviceId(source: string): string {
  let tab = sessionStorage.getItem(KEY)
  if (tab === null) {
    tab = crypto.getRandomValues(new Uint32Array(2)).join('-')
    sessionStorage.setItem(KEY, tab)
  }
  return `${source}: ${tab}`
}
