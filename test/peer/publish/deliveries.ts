import t from 'tap'
import type { Receiver } from '../../../src/peer/link/receiver.ts'
import { Deliveries, MAX_DELIVERIES } from '../../../src/peer/publish/deliveries.ts'
import { Outbox } from '../../../src/peer/publish/outbox.ts'
import { OutgoingPublication } from '../../../src/peer/publish/outgoing-publication.ts'
import { Inbox } from '../../../src/peer/receive/inbox.ts'
import { pushSource, RemoteClock } from '../../../src/streams/mod.ts'
import { inboxEvents } from '../fixture/inbox-events.ts'
import { Pipe } from '../fixture/pipe.ts'

const link = (): Receiver => ({}) as Receiver

/** Returns whether a promise has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false
  promise.then(() => {
    done = true
  })
  await new Promise((resolve) => setTimeout(resolve, 0))
  return done
}

t.test('delivered() waits until every receiver has confirmed or left', async (t) => {
  const deliveries = new Deliveries()
  const [one, two, three] = [link(), link(), link()]
  deliveries.begin(1, [one, two, three])
  const all = deliveries.delivered(1)
  t.ok(deliveries.received(1, one))
  t.notOk(deliveries.received(1, one), 'a repeated confirmation')
  t.notOk(deliveries.received(2, one), 'a publication that has not ended')
  t.notOk(deliveries.received(1, link()), 'a link that does not know the publication')
  deliveries.gone(two)
  t.notOk(await settled(all))
  // A receiver returns on another link.
  const back = link()
  deliveries.again(1, back)
  deliveries.gone(three)
  t.notOk(await settled(all))
  t.ok(deliveries.received(1, back))
  t.ok(await settled(all))
  t.ok(await settled(deliveries.delivered(1)), 'later calls resolve too')
})

t.test('a publication without receivers is delivered', async (t) => {
  const deliveries = new Deliveries()
  deliveries.begin(1, [])
  t.ok(await settled(deliveries.delivered(1)))
  deliveries.again(1, link())
  t.ok(await settled(deliveries.delivered(1)))
})

t.test('the number of deliveries is limited, and close() resolves them', async (t) => {
  const deliveries = new Deliveries()
  const silent = link()
  for (let i = 0; i <= MAX_DELIVERIES; i++) deliveries.begin(i, [silent])
  t.ok(await settled(deliveries.delivered(0)))
  const last = deliveries.delivered(MAX_DELIVERIES)
  t.notOk(await settled(last))
  deliveries.close()
  t.ok(await settled(last))
})

/** A publisher and a receiver. Their link loses messages in flight when it is cut. */
function pair() {
  const outbox = new Outbox()
  const taken: number[] = []
  let pipe = new Pipe()
  const inbox: Inbox = new Inbox(inboxEvents({ taken: (number) => taken.push(number) }), new RemoteClock())
  const { source, push } = pushSource({ name: 'EEG', format: 'int16' })
  const publication = new OutgoingPublication(source, 'EEG', {}, outbox)
  const connect = () => {
    const before = pipe
    pipe = new Pipe()
    const { history, resume, ended = [] } = inbox.relink(0)
    outbox.addLink(pipe.link, history, resume && { next: new Map(resume), ended: new Set(ended), since: 0 })
    outbox.removeLink(before.link)
  }
  return {
    outbox,
    publication,
    push,
    taken,
    connect,
    deliver: () => pipe.deliver(Number.POSITIVE_INFINITY, ({ bytes }) => inbox.receive(bytes)),
    /** Passes the receiver's confirmations to the publisher. */
    answer: () => taken.splice(0).map((number) => outbox.received(number, pipe.link)),
    cut() {
      outbox.leave(pipe.link)
      inbox.unlink()
    },
    leave: () => outbox.removeLink(pipe.link),
  }
}

t.test('a publication is delivered once its receiver confirms its end', async (t) => {
  const { publication, push, connect, deliver, answer } = pair()
  connect()
  const delivered = publication.delivered()
  push([1, 2, 3])
  t.notOk(await settled(delivered), 'the publication is still active')
  publication.stop()
  t.notOk(await settled(delivered), 'the end is in flight')
  deliver()
  t.notOk(await settled(delivered), 'the confirmation is in flight')
  t.strictSame(answer(), [true])
  t.ok(await settled(delivered))
})

t.test('an end that was lost with the link is sent again', async (t) => {
  const { publication, push, connect, deliver, answer, cut } = pair()
  connect()
  deliver()
  push([1, 2, 3])
  publication.stop()
  const delivered = publication.delivered()
  cut()
  t.notOk(await settled(delivered))
  connect()
  t.notOk(await settled(delivered))
  deliver()
  t.strictSame(answer(), [true])
  t.ok(await settled(delivered))
})

t.test('a confirmation that was lost with the link is not needed again', async (t) => {
  const { publication, push, connect, deliver, taken, cut } = pair()
  connect()
  push([1, 2, 3])
  await settled(Promise.resolve())
  deliver()
  publication.stop()
  const delivered = publication.delivered()
  deliver()
  t.equal(taken.length, 1)
  cut()
  t.notOk(await settled(delivered))
  // On the new link, the receiver reports that the publication has ended.
  connect()
  t.ok(await settled(delivered))
})

t.test('delivered() does not wait for a receiver that leaves', async (t) => {
  const { publication, push, connect, leave } = pair()
  connect()
  push([1])
  publication.stop()
  const delivered = publication.delivered()
  t.notOk(await settled(delivered))
  leave()
  t.ok(await settled(delivered))
})

t.test('leaving the room resolves delivered()', async (t) => {
  const { publication, push, connect, outbox } = pair()
  connect()
  push([1])
  publication.stop()
  const delivered = publication.delivered()
  outbox.close()
  t.ok(await settled(delivered))
})
