/**
 * A service that speaks the JSON envelope and does the same work as servers before version 1. It parses each message,
 * searches each string in it for a function, relays the signal, and acknowledges it. Unlike those servers, it evaluates
 * nothing. `node json-service.ts PORT`.
 */
import process from 'node:process'
import { type WebSocket, WebSocketServer } from 'ws'

interface User {
  id: number
  ws: WebSocket
  rooms: Set<string>
}

interface Message {
  data: { cmd: string; data: { id: number; msg: unknown; room?: { name: string } } }
  callbackId?: unknown
}

const users = new Map<number, User>()
const rooms = new Map<string, Set<User>>()
const service = 'webrtc'

new WebSocketServer({ port: Number(process.argv[2]), host: '0.0.0.0' }).on('connection', (ws) => {
  const user: User = { id: Math.floor(Math.random() * 1e15), ws, rooms: new Set() }
  users.set(user.id, user)
  send(user, { cmd: 'rooms', data: [] })
  ws.on('message', (text) => receive(user, parse(String(text))))
  ws.on('close', () => {
    users.delete(user.id)
    for (const room of user.rooms) rooms.get(room)?.delete(user)
  })
})

function receive(user: User, { data: { cmd, data }, callbackId }: Message): void {
  const result = cmd === 'connect' ? join(user, data.room?.name ?? '') : pass(user, cmd, data.id, data.msg)
  send(user, { data: result, callbackId, id: user.id, service })
}

function join(user: User, name: string): object {
  const room = rooms.get(name) ?? new Set()
  rooms.set(name, room)
  const info = {}
  for (const peer of room) {
    send(peer, { cmd: 'connect', data: { id: user.id, info }, service })
    send(user, { cmd: 'connect', data: { id: peer.id, info }, service })
  }
  room.add(user)
  user.rooms.add(name)
  return { name, peers: Array.from(room, ({ id }) => id) }
}

function pass(user: User, cmd: string, destination: number, msg: unknown): null {
  const peer = users.get(destination)
  if (peer !== undefined) send(peer, { cmd, data: { id: user.id, msg }, id: user.id, service })
  return null
}

/** Matches strings that look like arrow functions. Old servers evaluated them; this one only finds them. */
const ARROW = /(|[a-zA-Z]\w*|\([a-zA-Z]\w*(,\s*[a-zA-Z]\w*)*\))\s*=>/

function parse(text: string): Message {
  const message = JSON.parse(text) as Message
  lookForFunctions(message)
  return message
}

function lookForFunctions(value: unknown): boolean {
  if (typeof value === 'string') return value.startsWith('function') || ARROW.test(value)
  if (typeof value !== 'object' || value === null) return false
  let found = false
  for (const item of Object.values(value)) found = lookForFunctions(item) || found
  return found
}

/** Serializes as old servers did, with a replacer that turns functions into strings. */
function send(user: User, message: object): void {
  user.ws.send(JSON.stringify(message, (_, value) => (typeof value === 'function' ? String(value) : value)))
}
