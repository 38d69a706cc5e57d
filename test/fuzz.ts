/**
 * Tests that any input is answered or rejected, without other effects. `npm run fuzz` does the same for longer, and
 * test/fuzz-servers.ts with whole servers. Put findings into fixture/found.json: each run tries them first.
 */
import fc from 'fast-check'
import t from 'tap'
import { Inbox } from '../src/peer/receive/inbox.ts'
import {
  checkRequest,
  decodeFrame,
  encodeFrame,
  encodeValue,
  isRequestOp,
  Op,
  parseEnvelope,
  type RequestName,
  SignalError,
} from '../src/protocol/mod.ts'
import { RemoteClock, StreamError } from '../src/streams/mod.ts'
import { addUser, join, newService, type TestUser } from './core/fixture/user.ts'
import { anyBytes, anyText, foundBytes, foundTexts, nearly } from './fixture/fuzz-input.ts'
import { anyControl } from './peer/fixture/arbitrary-controls.ts'
import { inboxEvents } from './peer/fixture/inbox-events.ts'
import { values } from './protocol/fixture/arbitrary-frames.ts'

/** Runs of each property. 100,000 runs of one property take about a minute. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 300)
t.setTimeout(3_600_000)

const names = Object.keys(Op).filter((name) => isRequestOp(Op[name as RequestName])) as RequestName[]

/** Returns the result of `run`, or undefined if it throws a SignalError. */
function tried<Result>(run: () => Result): Result | undefined {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof SignalError) return undefined
    throw cause
  }
}

const check = <Input extends [unknown, ...unknown[]]>(
  property: fc.IPropertyWithHooks<Input> | fc.IAsyncPropertyWithHooks<Input>,
  examples: Input[] = [],
): Promise<void> | void => fc.assert(property as fc.IPropertyWithHooks<Input>, { numRuns: RUNS, examples })

t.test('bytes decode to a frame that survives a round trip, or throw a SignalError', async () => {
  await check(
    fc.property(anyBytes, (bytes) => {
      const frame = tried(() => decodeFrame(bytes))
      if (frame === undefined) return true
      // The library may reject values that msgpack can read but the library does not write (an extension, -0).
      const again = tried(() => encodeFrame(frame))
      return again === undefined || Buffer.compare(encodeFrame(decodeFrame(again)), again) === 0
    }),
    foundBytes.map((bytes) => [bytes]),
  )
})

t.test('text parses to an envelope or throws a SignalError', async () => {
  await check(
    fc.property(anyText, (text) => {
      tried(() => parseEnvelope(text))
    }),
    foundTexts.map((text) => [text]),
  )
})

t.test('a checked request body passes a second check unchanged', async () => {
  await check(
    fc.property(fc.constantFrom(...names), values, (name, body) => {
      const checked = tried(() => checkRequest(name, body))
      if (checked === undefined) return true
      return Buffer.compare(encodeValue(checkRequest(name, checked)), encodeValue(checked)) === 0
    }),
  )
})

t.test('whatever three users send, a service still serves the others', async () => {
  const message = fc.oneof(anyBytes, anyText)
  const send = (user: TestUser, what: string | Uint8Array<ArrayBuffer>, service: ReturnType<typeof newService>) =>
    service.onmessage(what, user.ws).catch((cause: unknown) => {
      if (!(cause instanceof SignalError)) throw cause
    })
  await check(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat({ max: 2 }), message), { maxLength: 30 }), async (messages) => {
      const service = newService({ limits: { framesPerSecond: 5 } })
      const bystanders = [addUser(service, 'msgpack'), addUser(service, 'json')] as const
      join(service, 'quiet', ...bystanders)
      const crowd = [addUser(service, 'msgpack'), addUser(service, 'json'), addUser(service, 'msgpack')]
      for (const [nth, what] of messages) {
        const user = crowd[nth] as TestUser
        if (service.users.has(user.id)) await send(user, what, service)
      }
      for (const user of bystanders) {
        user.take()
        if (user.closed.length > 0) throw new Error('A bystander was closed')
      }
      await bystanders[0].relay('offer', bystanders[1].id, 'still here')
      const told = bystanders[1].take()
      if (!JSON.stringify(told).includes('still here')) throw new Error('A bystander was not served')
      for (const user of crowd) service.removeUser(user.ws)
      for (const user of bystanders) service.removeUser(user.ws)
      if (service.users.size > 0) throw new Error(`${service.users.size} users are left`)
      service.close()
    }),
    [...foundBytes, ...foundTexts].map(
      (what) =>
        [
          [
            [0, what],
            [1, what],
          ],
        ] as [[number, string | Uint8Array<ArrayBuffer>][]],
    ),
  )
})

t.test('an inbox takes whatever a peer sends on a data channel, or throws a StreamError', async (t) => {
  let messages = 0
  await check(
    fc.property(fc.array(fc.oneof(anyControl, nearly(anyControl), anyBytes), { maxLength: 20 }), (sent) => {
      const inbox = new Inbox(inboxEvents(), new RemoteClock(), 100)
      for (const message of sent) {
        messages++
        try {
          inbox.receive(message)
        } catch (cause) {
          if (!(cause instanceof StreamError)) throw cause
          // The link closes, and the inbox continues on the next one.
          inbox.unlink()
          inbox.relink(0)
        }
        inbox.stats()
      }
      inbox.close()
    }),
  )
  t.comment(`${messages} messages`)
})
