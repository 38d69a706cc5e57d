import fc from 'fast-check'
import t from 'tap'
import { Addresses } from '../../../src/server/shared/addresses.ts'
import { clientAddress, isLoopback, networkOf, readRange } from '../../../src/server/shared/client-address.ts'

const proxies = ['127.0.0.1', '::1', '10.0.0.0/8', '2001:db8::/32'].map(readRange)

t.test('without a trusted proxy, a forwarded address does not count', async (t) => {
  t.equal(clientAddress('203.0.113.7', '1.2.3.4', []), '203.0.113.7')
  t.equal(clientAddress('203.0.113.7', '1.2.3.4', proxies), '203.0.113.7')
  t.equal(clientAddress('203.0.113.7', undefined, proxies), '203.0.113.7')
})

t.test('the client is the rightmost address that is no trusted proxy', async (t) => {
  for (const [remote, forwarded, client] of [
    ['127.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['127.0.0.1', '1.2.3.4, 203.0.113.7', '203.0.113.7'],
    ['127.0.0.1', '1.2.3.4, 203.0.113.7, 10.9.8.7', '203.0.113.7'],
    ['::1', '203.0.113.7,10.0.0.1', '203.0.113.7'],
    ['::ffff:127.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['127.0.0.1', '2001:db9::1', '2001:db9::1'],
    ['2001:db8::5', '[2001:db9::1]:443', '2001:db9::1'],
    ['127.0.0.1', '203.0.113.7:1234', '203.0.113.7'],
    ['127.0.0.1', undefined, '127.0.0.1'],
    ['127.0.0.1', '', '127.0.0.1'],
    ['127.0.0.1', 'unknown', '127.0.0.1'],
    ['127.0.0.1', '203.0.113.7, "; drop', '127.0.0.1'],
    ['127.0.0.1', '203.0.113.7, 10.0.0.1, 999.1.1.1', '127.0.0.1'],
    ['127.0.0.1', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['', '203.0.113.7', ''],
  ] as const) {
    t.equal(clientAddress(remote, forwarded, proxies), client, `${forwarded} through ${remote}`)
  }
})

t.test('the address that the proxy appends counts, whatever a client sends before it', async () => {
  fc.assert(
    fc.property(fc.string(), (own) => clientAddress('127.0.0.1', `${own}, 203.0.113.7`, proxies) === '203.0.113.7'),
  )
})

t.test('readRange reads addresses and CIDR ranges, and throws for others', async (t) => {
  t.same(readRange('10.1.2.3/8'), readRange('10.0.0.0/8'))
  t.same(readRange('::ffff:10.0.0.1'), readRange('10.0.0.1'))
  t.equal(clientAddress('11.0.0.1', '1.2.3.4', [readRange('10.0.0.0/8')]), '11.0.0.1')
  t.equal(clientAddress('9.255.255.255', '1.2.3.4', [readRange('10.0.0.0/8')]), '9.255.255.255')
  t.equal(clientAddress('1.1.1.1', '1.2.3.4', [readRange('0.0.0.0/0')]), '1.2.3.4')
  for (const bad of ['', 'localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0', '::/129', '1.2.3.4/-1']) {
    t.throws(() => readRange(bad), RangeError, bad)
  }
})

t.test('an IPv6 address counts as its network, and an IPv4-mapped one as the IPv4 address', async (t) => {
  t.equal(networkOf('2001:db8:1:2:3::4'), networkOf('2001:db8:1:2:ffff::'))
  t.not(networkOf('2001:db8:1:2::'), networkOf('2001:db8:1:3::'))
  t.equal(networkOf('::ffff:1.2.3.4'), networkOf('1.2.3.4'))
  t.not(networkOf('1.2.3.4'), networkOf('1.2.3.5'))
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) t.ok(isLoopback(address), address)
  for (const address of ['128.0.0.1', '::2', '', 'localhost']) t.notOk(isLoopback(address), address)
})

t.test('connections from one address are counted until they leave', async (t) => {
  const addresses = new Addresses(2)
  t.same(
    [1, 2, 3].map(() => addresses.enter('127.0.0.1')),
    [true, true, false],
  )
  t.ok(addresses.enter('127.0.0.2'))
  addresses.leave('127.0.0.1')
  t.same(
    [1, 2].map(() => addresses.enter('::ffff:127.0.0.1')),
    [true, false],
  )
  for (const address of ['127.0.0.1', '127.0.0.1', '127.0.0.2']) addresses.leave(address)
  t.equal(addresses.size, 0, 'no address is left')
})

t.test('by default, an address may have 1,000 connections, and this machine any number', async (t) => {
  const addresses = new Addresses(undefined)
  for (let i = 0; i < 1_000; i++) addresses.enter('203.0.113.7')
  t.notOk(addresses.enter('203.0.113.7'))
  for (let i = 0; i < 2_000; i++) t.ok(addresses.enter('127.0.0.1') || t.fail(`${i}`))
})

t.test('an address is blocked for a while after a flood, and the number of such addresses is bounded', async (t) => {
  const addresses = new Addresses(5)
  t.ok(addresses.enter('203.0.113.7'))
  addresses.shut('203.0.113.7')
  t.notOk(addresses.enter('::ffff:203.0.113.7'))
  t.ok(addresses.enter('203.0.113.8'), 'another address is not blocked')
  for (let i = 0; i < 10_000; i++) addresses.shut(`10.0.${i >> 8}.${i & 255}`)
  t.ok(addresses.enter('203.0.113.7'), 'the oldest address is free again')
  t.notOk(addresses.enter('10.0.39.15'), 'the others stay blocked')
  const open = new Addresses(undefined)
  open.shut('127.0.0.1')
  t.ok(open.enter('127.0.0.1'), 'this machine is never blocked: it may be a proxy for everybody')
})

t.test('the address of this machine is its own, unless connections from it have a limit', async (t) => {
  const [open, limited] = [new Addresses(undefined), new Addresses(5)]
  t.ok(open.isOwn('127.0.0.1'))
  t.notOk(open.isOwn('203.0.113.7'))
  t.notOk(limited.isOwn('127.0.0.1'))
})
