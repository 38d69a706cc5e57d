import t from 'tap'
import type { WebRTCService } from '../../src/core/mod.ts'
import type { Check } from '../../src/guards/mod.ts'
import { answerSchemas, eventSchemas, type RequestName, SUBPROTOCOL } from '../../src/protocol/mod.ts'
import { fakeClock } from '../core/fixture/clock.ts'
import { closedService, tokenOf } from '../core/fixture/identified.ts'
import { addUser, type Codec, codecs, newService, read } from '../core/fixture/user.ts'

const schemas = new Map<string, Check<unknown> & { fields?: object }>([
  ...Object.entries(answerSchemas).map(([name, schema]) => [`answer ${name}`, schema] as const),
  ...Object.entries(eventSchemas).map(([name, schema]) => [`event ${name}`, schema] as const),
])

t.test('each answer and each event of a service passes its schema, which knows all fields', async (t) => {
  for (const codec of codecs) {
    const sent = await everythingSent(codec)
    for (const [name, schema] of schemas) {
      const bodies = sent.get(name) ?? []
      const isExpected = codec === 'msgpack' || name !== 'event welcome'
      t.equal(bodies.length > 0, isExpected, `${name} in ${codec}: ${bodies.length}`)
      for (const body of bodies) t.hasStrict(schema(body), body, `${name} in ${codec}`)
    }
  }
})

t.test('a service sends each field of each schema', async (t) => {
  const sent = [await everythingSent('msgpack'), await everythingSent('json')]
  for (const [name, { fields: known }] of schemas) {
    if (known === undefined) continue
    const fields = sent.flatMap((sent) => sent.get(name) ?? []).flatMap((body) => Object.keys(body as object))
    t.strictSame([...new Set(fields)].sort(), Object.keys(known).sort(), name)
  }
})

type Sent = Map<string, unknown[]>

/** Runs a service through everything that it sends. Returns the bodies that its users of one codec received. */
async function everythingSent(codec: Codec): Promise<Sent> {
  const sent: Sent = new Map()
  const iceServers = [{ urls: 'stun:stun.example.org' }]
  await welcomeTo(newService({ iceServers }), codec, sent)

  const clock = fakeClock()
  const turn = { urls: ['turn:turn.example.org'], secret: 'secret' }
  const service = closedService({ clock, iceServers, turn, limits: { listedRooms: 1 } })
  let ada = visitor(service, codec, sent)
  const [bob, cid] = [visitor(service, codec, sent), visitor(service, codec, sent)]
  const token = tokenOf({ auth: 'ada', name: 'Ada', admin: true, expires: clock.now() + 60_000 })
  const { resume } = await ada.ask<{ resume?: { token: string } }>('hello', { token, resume: true })
  const { length } = ada.user.sent
  await bob.ask('hello', { token: tokenOf({ auth: 'bob', rooms: ['lab'], publish: false, subscribe: false }) })
  await cid.ask('hello', { token: tokenOf({ auth: 'cid' }), info: { name: 'Cid' } })
  await ada.ask('info', { device: 'cyton' })
  await ada.ask('ice')
  await ada.ask('rooms', { subscribe: true })
  await ada.ask('createroom', { name: 'hall' })
  const restrictions = { users: ['ada', 'bob', 'cid'], max: 4 }
  const { uuid } = await ada.ask<{ uuid: number }>('createroom', { name: 'lab', restrictions })
  for (const user of [bob, ada]) await user.ask('connect', { room: { uuid } })
  for (let i = 0; i < 2; i++) await cid.ask('hello', { connect: { room: { uuid } } })
  await ada.ask('rooms')
  await ada.ask('kick', { uuid, peer: cid.user.id, reason: 'Too loud' })
  await ada.ask('restrict', { uuid, restrictions: { users: ['ada', 'cid'], max: 3 } })
  clock.advance(1_000)
  ada.take()
  if (resume !== undefined) {
    const received = ada.user.sent.length - length
    ada.user.lose()
    ada = visitor(service, codec, sent)
    await ada.ask('hello', { token, resume: { token: resume.token, received } })
  }
  await ada.ask('disconnect', { uuid })
  await ada.ask('closeroom', { uuid, reason: 'Done' })
  for (const user of [ada, bob, cid]) user.take()
  service.close()
  return sent
}

/** Adds a user to an open service with its ICE servers, as a server does. */
async function welcomeTo(service: WebRTCService, codec: Codec, sent: Sent): Promise<void> {
  const send = (data: string | Uint8Array) => keep(sent, read(data))
  service.addUser({ protocol: codec === 'msgpack' ? SUBPROTOCOL : '', send }, '', await service.iceServers())
}

/** A user whose messages are kept by their names. */
function visitor(service: WebRTCService, codec: Codec, sent: Sent) {
  const user = addUser(service, codec)
  const take = (asked?: RequestName) => {
    for (const told of user.take()) keep(sent, told, asked)
  }
  return {
    user,
    take,
    async ask<Result>(name: RequestName, body?: unknown): Promise<Result> {
      const result = await user.ask(name, body)
      take(name)
      return result as Result
    },
  }
}

/** @throws Error for a message that is neither an event nor the answer to the only pending request */
function keep(sent: Sent, told: ReturnType<typeof read>, asked?: RequestName): void {
  if (!('event' in told) && !('ok' in told && asked !== undefined))
    throw new Error(`Unexpected: ${JSON.stringify(told)}`)
  const [name, body] = 'event' in told ? [`event ${told.event}`, told.data] : [`answer ${asked}`, told.ok]
  sent.set(name, [...(sent.get(name) ?? []), body])
}
