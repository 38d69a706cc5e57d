import t from 'tap'

/** Uses import, because tap handles TypeScript in `require` itself. */
const load = async (name: string): Promise<unknown> =>
  (await import(`../../../src/peer/simple-peer/${name}.cts`)).default

interface Emitter {
  readonly readableLength: number
  on(event: string, listener: (...values: unknown[]) => void): Emitter
  once(event: string, listener: (...values: unknown[]) => void): Emitter
  removeListener(event: string, listener: (...values: unknown[]) => void): Emitter
  emit(event: string, ...values: unknown[]): boolean
  push(message: unknown): void
}
const { Duplex } = (await load('readable-stream')) as { Duplex: new () => Emitter }

t.test('on() listeners receive every event, once() listeners the first one', async (t) => {
  const heard: unknown[] = []
  const always = (...values: unknown[]) => heard.push(['always', ...values])
  const stream = new Duplex().on('said', always).once('said', (value) => heard.push(['once', value]))
  t.equal(stream.emit('said', 1, 2), true)
  t.equal(stream.emit('said', 3), true)
  t.equal(stream.removeListener('said', always).emit('said', 4), false)
  t.strictSame(heard, [
    ['always', 1, 2],
    ['once', 1],
    ['always', 3],
  ])
})

t.test('a once() listener can be removed or added again', async (t) => {
  const heard: unknown[] = []
  const hear = (value: unknown) => heard.push(value)
  const stream = new Duplex().once('said', hear).removeListener('said', hear)
  stream.emit('said', 1)
  stream.once('said', () => stream.once('said', hear))
  stream.emit('said', 2)
  stream.emit('said', 3)
  t.strictSame(heard, [3])
})

t.test('messages are data events; an error without a listener is thrown', async (t) => {
  const heard: unknown[] = []
  const stream = new Duplex().on('data', (message) => heard.push(message))
  stream.push('text')
  stream.push(Uint8Array.of(1))
  t.equal(stream.readableLength, 0)
  t.strictSame(heard, ['text', Uint8Array.of(1)])
  t.throws(() => stream.emit('error', new Error('lost')), { message: 'lost' })
  stream.on('error', (error) => heard.push((error as Error).message))
  stream.emit('error', new Error('told'))
  t.equal(heard.at(-1), 'told')
})

t.test('errors get a code, those with a code of their own too', async (t) => {
  const errCode = (await load('err-code')) as (error: Error, code: string) => Error
  for (const error of [new Error('no'), new DOMException('no', 'InvalidStateError')]) {
    t.equal(errCode(error, 'ERR_SIGNALING'), error)
    t.match(error, { code: 'ERR_SIGNALING', message: 'no' })
    t.match(errCode(error, 'ERR_DESTROYED'), { code: 'ERR_DESTROYED' }, 'a second code replaces the first')
  }
})

t.test('queue-microtask runs a function after the current one', async (t) => {
  const queue = (await load('queue-microtask')) as typeof queueMicrotask
  const order: string[] = []
  queue(() => order.push('later'))
  order.push('now')
  await Promise.resolve()
  t.strictSame(order, ['now', 'later'])
})

t.test('randombytes, buffer, debug and get-browser-rtc do what simple-peer needs', async (t) => {
  const random = (await load('randombytes')) as (size: number) => {
    toString(as: string): string
  }
  t.match(random(20).toString('hex'), /^[0-9a-f]{40}$/)
  t.not(random(20).toString('hex'), random(20).toString('hex'))
  const { Buffer } = (await load('buffer')) as {
    Buffer: { from(bytes: ArrayBuffer): Uint8Array }
  }
  const bytes = Uint8Array.of(1, 2, 3)
  t.equal(Buffer.from(bytes.buffer).buffer, bytes.buffer, 'no copy')
  const log = ((await load('debug')) as (name: string) => (...words: unknown[]) => void)('peer')
  t.equal(log('anything %o', {}), undefined)
  t.equal(((await load('get-browser-rtc')) as () => unknown)(), null, 'the companion passes its own')
})
