import t from 'tap'
import {
  isAnswerOp,
  isEventOp,
  isKeepaliveOp,
  isRelayOp,
  isRequestOp,
  Op,
  opName,
  SUBPROTOCOL,
  VERSION,
} from '../../src/protocol/mod.ts'

t.test('the numbers of the ops are part of the protocol and never change', async (t) => {
  t.strictSame(Op, {
    offer: 1,
    answer: 2,
    candidate: 3,
    signal: 4,
    data: 5,
    hello: 16,
    rooms: 17,
    createroom: 18,
    connect: 19,
    disconnect: 20,
    info: 21,
    ice: 22,
    closeroom: 23,
    kick: 24,
    restrict: 25,
    ok: 32,
    error: 33,
    welcome: 48,
    roomadded: 49,
    roomclosed: 50,
    disconnectPeer: 51,
    kicked: 52,
    roomchanged: 53,
    ping: 64,
    pong: 65,
  })
  t.equal(SUBPROTOCOL, 'datastreams.webrtc.v1')
  t.equal(VERSION, 1)
})

t.test('every op is of the kind that its range says, and other numbers are of no kind', async (t) => {
  const known = new Set<number>(Object.values(Op))
  for (let op = 0; op < 256; op++) {
    t.equal(opName(op) !== undefined, known.has(op), `${op} is known`)
    t.equal(isRelayOp(op), op >= 1 && op <= 5, `${op} relay`)
    t.equal(isRequestOp(op), op >= 16 && op <= 25, `${op} request`)
    t.equal(isAnswerOp(op), op === 32 || op === 33, `${op} answer`)
    t.equal(isEventOp(op), [17, 19, 48, 49, 50, 51, 52, 53].includes(op), `${op} event`)
    t.equal(isKeepaliveOp(op), op === 64 || op === 65, `${op} keepalive`)
  }
})

t.test('a value that is no number is no op', async (t) => {
  for (const no of ['1', null, undefined, [1], { valueOf: () => 1 }, 1n, true]) {
    t.equal(opName(no), undefined)
    t.notOk(isRelayOp(no) || isRequestOp(no) || isAnswerOp(no) || isEventOp(no) || isKeepaliveOp(no))
  }
})

t.test('opName returns the name of every op', async (t) => {
  for (const [name, op] of Object.entries(Op)) t.equal(opName(op), name)
})
