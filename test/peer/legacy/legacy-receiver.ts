import t from 'tap'
import { LegacyReceiver } from '../../../src/peer/legacy/legacy-receiver.ts'
import { type Control, isControl, readControl } from '../../../src/peer/wire/mod.ts'

t.test('the label of an old client becomes the name of a stream, whatever it is', async (t) => {
  const controls: (Control | undefined)[] = []
  const receiver = new LegacyReceiver((bytes) => {
    if (isControl(bytes)) controls.push(readControl(bytes))
  })
  const labels = ['Zu\u0308rich', '\x1b[2J', '東'.repeat(600), `${'x'.repeat(511)}👍`, '\ud83d']
  for (const label of labels) {
    const channel = Object.assign(new EventTarget(), { label })
    receiver.take(channel as unknown as RTCDataChannel)
    channel.dispatchEvent(new MessageEvent('message', { data: '[1]' }))
  }
  await Promise.resolve()
  t.strictSame(
    controls.flatMap((control) => (control?.[0] === 'publish' ? [control[2].name] : [])),
    ['Z\u00fcrich', '\\x1b[2J', '東'.repeat(512), `${'x'.repeat(511)}\ufffd`, '\ufffd'],
  )
  t.equal(receiver.ignored, 0)
})
