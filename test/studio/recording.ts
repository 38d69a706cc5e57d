import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseRecording, parseXdf, type XdfStream } from '../../src/streams/mod.ts'
import { serverAndBrowser } from '../fixture/server-and-browser.ts'
import { join, reaches } from './fixture/people.ts'

t.setTimeout(600_000)
const { server, browser } = await serverAndBrowser(t)

t.test('a recording of a room is downloaded, and a reload continues as the same device', async (t) => {
  // Simulates a browser that cannot write to a file of the user's choice.
  const withoutPicker = () => Reflect.deleteProperty(window, 'showSaveFilePicker')
  const ada = await join(t, browser, server.url, 'Ada', 'recorded')
  const grace = await join(t, browser, server.url, 'Grace', 'recorded', {}, withoutPicker)
  await grace.cardOf('Ada').waitFor()
  await grace.page.getByRole('button', { name: 'Record the room' }).click()
  await ada.page.getByRole('button', { name: 'Start' }).click()
  await grace.page
    .locator('#recorded')
    .filter({ hasText: /^Recording 1 stream, \d{3,} samples, 0 missed, \d+ s$/ })
    .waitFor()
  const downloaded = grace.page.waitForEvent('download')
  await grace.page.getByRole('button', { name: 'Stop recording' }).click()
  const download = await downloaded
  t.equal(download.suggestedFilename(), 'recorded.xdf')
  const [stream] = parseXdf(readFileSync(await download.path())).streams.values() as Iterable<XdfStream>
  t.match(stream?.description, { name: 'Synthetic EEG', nominalRate: 250, channels: { length: 8 } })
  t.ok((stream?.timestamps.length ?? 0) >= 100)
  t.ok(stream?.footer, 'the recording is complete')
  await grace.page
    .locator('#recorded')
    .filter({ hasText: /^Recorded 1 stream/ })
    .waitFor()
  t.ok(await grace.page.getByRole('button', { name: 'Record the room' }).isEnabled())

  await grace.page.getByRole('button', { name: 'CSV' }).click()
  const csv = grace.page.waitForEvent('download')
  await grace.page.getByRole('link', { name: 'CSV of Synthetic EEG' }).click()
  const { labels, samples } = parseRecording(readFileSync(await (await csv).path()))
  t.strictSame(
    labels,
    stream?.description.channels.map(({ label }) => label),
  )
  t.equal(samples[0]?.length, stream?.timestamps.length)
  t.equal(samples[7]?.[3], stream?.data[31])

  const tab = () => ada.page.evaluate(() => sessionStorage.getItem('datastreams-device'))
  const before = await tab()
  t.match(stream?.description.sourceId, before)
  await ada.page.reload()
  await ada.page.getByRole('button', { name: 'Join' }).click()
  await ada.page.getByRole('button', { name: 'Start' }).click()
  await reaches(grace.cardOf('Ada'), 'samples', 1_000)
  t.equal(await tab(), before)
  t.strictSame([...ada.complaints, ...grace.complaints], [])
})

// The browser would keep the process alive.
t.end()
