import t from 'tap'
import {
  isAddress,
  isLoopbackName,
  originText,
  portOf,
  readHost,
  readOrigin,
  readPublicUrl,
} from '../../../src/server/shared/origin.ts'

t.test('a host is read in the form of URLs', async (t) => {
  for (const [text, name, port] of [
    ['localhost', 'localhost', undefined],
    ['LocalHost.:8080', 'localhost', 8080],
    ['127.1:80', '127.0.0.1', 80],
    ['[0:0::1]:8080', '[::1]', 8080],
    ['[2001:DB8::1]', '[2001:db8::1]', undefined],
    ['lab.example.org:', 'lab.example.org', undefined],
    ['my_host-1', 'my_host-1', undefined],
    ['münchen.example', 'xn--mnchen-3ya.example', undefined],
  ] as const) {
    t.strictSame(readHost(text), { name, port }, text)
  }
  for (const text of [
    ...['', ':80', 'a b', 'ada@localhost', 'localhost/evil', 'localhost#', 'localhost?', 'localhost\\evil'],
    ...['[::1', '::1', '[::1]x', 'localhost:80:80', 'localhost:x', '$(id)', '1.2.3.999', 'a%2fb'],
  ]) {
    t.equal(readHost(text), undefined, JSON.stringify(text))
  }
})

t.test('an origin is read and written as browsers write it', async (t) => {
  for (const [text, written = text] of [
    ['https://lab.example.org'],
    ['HTTPS://Lab.Example.org.:443/', 'https://lab.example.org'],
    ['http://localhost:80', 'http://localhost'],
    ['http://localhost:443'],
    ['http://[0::1]:5173', 'http://[::1]:5173'],
    ['capacitor://localhost'],
    ['chrome-extension://abcdefghijklmnopabcdefghijklmnop'],
  ] as const) {
    const origin = readOrigin(text)
    t.equal(origin && originText(origin), written, text)
  }
  for (const text of [
    '',
    'null',
    '*',
    'lab.example.org',
    'https://',
    'https://a/b',
    'file:///a',
    'https://u@a',
    'a:b',
  ]) {
    t.equal(readOrigin(text), undefined, JSON.stringify(text))
  }
})

t.test('only the origin of a public URL matters', async (t) => {
  const origin = readPublicUrl('https://Example.org/streams/?a#b')
  t.equal(origin && originText(origin), 'https://example.org')
  for (const text of ['example.org', 'wss://example.org', 'https://', '']) t.equal(readPublicUrl(text), undefined, text)
})

t.test('without a port, the scheme decides', async (t) => {
  t.same(
    ['http', 'https', 'app'].map((scheme) => portOf({ name: 'a', port: undefined }, scheme)),
    [80, 443, undefined],
  )
  t.equal(portOf({ name: 'a', port: 8080 }, 'http'), 8080)
})

t.test('names of this machine and addresses are recognized', async (t) => {
  const nameOf = (text: string) => readHost(text)?.name as string
  for (const text of [
    'localhost',
    'app.localhost.',
    '127.0.0.1',
    '127.8.9.1',
    '2130706433',
    '[::1]',
    '[::ffff:7f00:1]',
  ]) {
    t.ok(isLoopbackName(nameOf(text)), text)
  }
  for (const text of ['localhost.example', 'xlocalhost', '127.0.0.1.nip.io', '128.0.0.1', '0.0.0.0', '[::]', '[::2]']) {
    t.notOk(isLoopbackName(nameOf(text)), text)
  }
  for (const text of ['192.0.2.7', '0x7f.1', '[2001:db8::1]']) t.ok(isAddress(nameOf(text)), text)
  for (const text of ['192.0.2.7.nip.io', 'a1', 'cafe', 'localhost']) t.notOk(isAddress(nameOf(text)), text)
})
