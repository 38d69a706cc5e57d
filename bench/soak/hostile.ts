/**
 * Opens a hundred hostile connections from one process: `node hostile.ts ws://…/ [TURNS]`. Without TURNS, each
 * continues, and reconnects when the server closes it. With TURNS, each stops after that many turns, or when the server
 * closes it.
 */
import { connect } from 'node:net'
import process from 'node:process'
import { WebSocket } from 'ws'
import { encodeFrame, Op, SUBPROTOCOL } from '../../mod.ts'
import { JUNK } from '../shared/junk.ts'

const url = process.argv[2] as string
const turns = Number(process.argv[3] ?? Number.POSITIVE_INFINITY)
const comesAgain = turns === Number.POSITIVE_INFINITY
const SWARM = 20
/** Delay before a closed connection reconnects, in ms. */
const AGAIN = 1_000

let connections = 0
function connected(): void {
  if (++connections === 5 * SWARM) process.send?.('at it')
}

let finished = 0
function finish(): void {
  if (++finished === 4 * SWARM) process.send?.('done')
}

/** Calls `act` every few milliseconds as long as the connection is open. */
function misbehave(address: string, ms: number, act: (socket: WebSocket, turn: number) => void): void {
  const headers = { 'x-forwarded-for': address }
  const socket = new WebSocket(`${url}signal`, SUBPROTOCOL, { perMessageDeflate: false, headers })
  let timer: NodeJS.Timeout | undefined
  let turn = 0
  socket.on('open', () => {
    connected()
    timer = setInterval(() => {
      act(socket, turn++)
      if (turn < turns) return
      clearInterval(timer)
      socket.off('close', over)
      finish()
    }, ms)
  })
  socket.on('error', () => {})
  const over = (): void => {
    clearInterval(timer)
    if (comesAgain) setTimeout(() => misbehave(address, ms, act), AGAIN)
    else finish()
  }
  socket.on('close', over)
}

const join = (name: string) => encodeFrame([Op.connect, 1, { room: { name }, create: true }])

/** Sends 2,000 messages per second. */
const flood = (socket: WebSocket): void => {
  for (let i = 0; i < 40; i++) socket.send(encodeFrame([Op.rooms, i, null]))
}
const junk = (socket: WebSocket, turn: number): void => socket.send(JUNK[turn % JUNK.length] as Uint8Array)
const storm = (socket: WebSocket, turn: number): void => {
  socket.send(turn % 2 === 0 ? join(`storm ${turn % 10}`) : encodeFrame([Op.disconnect, 1, null]))
}
/** Stops reading, and requests large answers. */
const sloth = (socket: WebSocket): void => {
  ;(socket as unknown as { _socket: { pause(): void } })._socket.pause()
  for (let i = 0; i < 5; i++) socket.send(encodeFrame([Op.rooms, i, null]))
}

/** Opens a connection, sends nothing and answers nothing. */
function mute(): void {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `GET /signal HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  )
  socket.once('data', connected)
  socket.on('error', () => {})
  socket.on('close', () => setTimeout(mute, AGAIN))
}

for (let i = 0; i < SWARM; i++) {
  misbehave(`203.0.113.${i}`, 20, flood)
  misbehave(`198.51.100.${i}`, 20, junk)
  misbehave(`198.51.100.${100 + i}`, 20, storm)
  misbehave(`192.0.2.${i}`, 50, sloth)
  mute()
}
process.on('disconnect', () => process.exit())
