import t from 'tap'
import type { Link } from '../../../src/peer/link/link.ts'
import { Deliveries, MAX_DELIVERIES } from '../../../src/peer/publish/deliveries.ts'
import { Outbox } from '../../../src/peer/publish/outbox.ts'
import { Publication } from '../../../src/peer/publish/publication.ts'
import { Inbox } from '../../../src/peer/receive/inbox.ts'
import { pushSource, RemoteClock } from '../../../src/streams/mod.ts'
import { inboxEvents } from '../fixture/inbox-events.ts'
import { Pipe } from '../fixture/pipe.ts'

const link = (): Link => ({}) as Link

/** Whether a promise has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false
  promise.then(() => {
    done = true
  })
  await new Promise((resolve) => setTimeout(resolve, 0))
  return done
}

t.test('all who were told must say so, or leave', async (t) => {
  const deliveries = new Deliveries()
  const [one, two, three] = [link(), link(), link()]
  deliveries.begin(1, [one, two, three])
  const all = deliveries.delivered(1)
  t.ok(deliveries.received(1, one))
  t.notOk(deliveries.received(1, one), 'said twice')
  t.notOk(deliveries.received(2, one), 'about what is not over')
  t.notOk(deliveries.received(1, link()), 'by somebody who was not told')
  deliveries.gone(two)
  t.notOk(await settled(all))
  // Away, and back on another link.
  const back = link()
  deliveries.again(1, back)
  deliveries.gone(three)
  t.notOk(await settled(all))
  t.ok(deliveries.received(1, back))
  t.ok(await settled(all))
  t.ok(await settled(deliveries.delivered(1)), 'and ever after')
})

t.test('what nobody was told of is delivered', async (t) => {
  const deliveries = new Deliveries()
  deliveries.begin(1, [])
  t.ok(await settled(deliveries.delivered(1)))
  deliveries.again(1, link())
  t.ok(await settled(deliveries.delivered(1)))
})

t.test('it is bounded, and comes to an end', async (t) => {
  const deliveries = new Deliveries()
  const silent = link()
  for (let i = 0; i <= MAX_DELIVERIES; i++) deliveries.begin(i, [silent])
  t.ok(await settled(deliveries.delivered(0)))
  const last = deliveries.delivered(MAX_DELIVERIES)
  t.notOk(await settled(last))
  deliveries.close()
  t.ok(await settled(last))
})

/** A publisher and a receiver, whose link loses what is on its way when it is cut. */
function pair() {
  const outbox = new Outbox()
  const taken: number[] = []
  let pipe = new Pipe()
  const inbox: Inbox = new Inbox(inboxEvents({ taken: (number) => taken.push(number) }), new RemoteClock())
  const { source, push } = pushSource({ name: 'EEG', format: 'int16' })
  const publication = new Publication(source, 'EEG', {}, outbox)
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
    /** What the receiver says comes to the publisher. */
    answer: () => taken.splice(0).map((number) => outbox.received(number, pipe.link)),
    cut() {
      outbox.leave(pipe.link)
      inbox.unlink()
    },
    leave: () => outbox.removeLink(pipe.link),
  }
}

t.test('a publication is delivered when its receiver has taken its end', async (t) => {
  const { publication, push, connect, deliver, answer } = pair()
  connect()
  const delivered = publication.delivered()
  push([1, 2, 3])
  t.notOk(await settled(delivered), 'it goes on')
  publication.stop()
  t.notOk(await settled(delivered), 'it is on its way')
  deliver()
  t.notOk(await settled(delivered), 'the answer is on its way')
  t.strictSame(answer(), [true])
  t.ok(await settled(delivered))
})

t.test('an end that was lost with the link is told again', async (t) => {
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

t.test('an answer that was lost with the link need not come again', async (t) => {
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
  // The receiver knows that it is over.
  connect()
  t.ok(await settled(delivered))
})

t.test('whoever leaves is not waited for', async (t) => {
  const { publication, push, connect, leave } = pair()
  connect()
  push([1])
  publication.stop()
  const delivered = publication.delivered()
  t.notOk(await settled(delivered))
  leave()
  t.ok(await settled(delivered))
})

t.test('a room that is left waits for nobody', async (t) => {
  const { publication, push, connect, outbox } = pair()
  connect()
  push([1])
  publication.stop()
  const delivered = publication.delivered()
  outbox.close()
  t.ok(await settled(delivered))
})
