/**
 * Tests that any input is answered or rejected, without other effects. `npm run fuzz` does the same for longer. Put its
 * findings into fixture/found.json: each run tries them first.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
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
import { addUser, join, newService, type TestUser } from './core/fixture/user.ts'
import { anyCharacter } from './fixture/any-character.ts'
import { frames, values } from './protocol/fixture/arbitrary-frames.ts'

/** Runs of each property. 100,000 runs of one property take about a minute. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 300)
t.setTimeout(3_600_000)

interface Found {
  /** What this input once caused. */
  name: string
  hex?: string
  text?: string
}
const found: Found[] = JSON.parse(readFileSync(new URL('fixture/found.json', import.meta.url), 'utf8'))
const foundBytes = found.flatMap(({ hex }) => (hex === undefined ? [] : [[new Uint8Array(Buffer.from(hex, 'hex'))]]))
const foundTexts = found.flatMap(({ text }) => (text === undefined ? [] : [[text]]))

/** Frames with changed, removed or inserted bytes. Input that is nearly valid reaches the most code. */
const nearly: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc
  .tuple(
    frames,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.constantFrom('set', 'cut', 'put')), { maxLength: 4 }),
  )
  .map(([frame, changes]) => {
    let bytes: number[] = [...encodeFrame(frame)]
    for (const [at, byte, what] of changes) {
      const i = bytes.length === 0 ? 0 : at % bytes.length
      if (what === 'cut') bytes = bytes.slice(0, i)
      else bytes.splice(i, what === 'set' ? 1 : 0, byte)
    }
    return new Uint8Array(bytes)
  })
const anyBytes = fc.oneof(
  nearly,
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => new Uint8Array(bytes)),
)
const names = Object.keys(Op).filter((name) => isRequestOp(Op[name as RequestName])) as RequestName[]
const anyText = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 500 }),
  fc.json(),
  fc
    .record({
      data: fc.record({ cmd: fc.constantFrom(...Object.keys(Op)), data: fc.jsonValue() }),
      callbackId: fc.jsonValue(),
    })
    .map((value) => JSON.stringify(value)),
)

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
    foundBytes as [Uint8Array<ArrayBuffer>][],
  )
})

t.test('text parses to an envelope or throws a SignalError', async () => {
  await check(
    fc.property(anyText, (text) => {
      tried(() => parseEnvelope(text))
    }),
    foundTexts as [string][],
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
      ([what]) =>
        [
          [
            [0, what],
            [1, what],
          ],
        ] as [[number, string | Uint8Array<ArrayBuffer>][]],
    ),
  )
})
