/** The WebSocket subprotocol that selects binary frames. Any other, or none, selects the JSON envelope. */
export const SUBPROTOCOL = 'datastreams.webrtc.v1'

/** The protocol version in `welcome`. */
export const VERSION = 1

/**
 * The first element of every frame: a positive fixint (0–127).
 *
 * `rooms` and `connect` are both a request and an event, with one number each. Their lengths differ: a request is
 * `[op, seq, body]`, an event is `[op, body]`.
 */
export const Op = {
  // Relay frames, [op, peer, body]: 1–15
  offer: 1,
  answer: 2,
  candidate: 3,
  signal: 4,
  data: 5,
  // Requests, [op, seq, body]: 16–31
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
  // Answers, [op, seq, body]: 32–47
  ok: 32,
  error: 33,
  // Events, [op, body]: 48–63
  welcome: 48,
  roomadded: 49,
  roomclosed: 50,
  disconnectPeer: 51,
  kicked: 52,
  roomchanged: 53,
  // Keepalives, [op, received], in both directions: 64–79
  ping: 64,
  pong: 65,
} as const

export type OpName = keyof typeof Op
export type RelayName = 'offer' | 'answer' | 'candidate' | 'signal' | 'data'
export type RequestName =
  | 'hello'
  | 'rooms'
  | 'createroom'
  | 'connect'
  | 'disconnect'
  | 'info'
  | 'ice'
  | 'closeroom'
  | 'kick'
  | 'restrict'
export type EventName =
  | 'welcome'
  | 'rooms'
  | 'roomadded'
  | 'roomclosed'
  | 'connect'
  | 'disconnectPeer'
  | 'kicked'
  | 'roomchanged'
export type KeepaliveName = 'ping' | 'pong'

export type RelayOp = (typeof Op)[RelayName]
export type RequestOp = (typeof Op)[RequestName]
export type EventOp = (typeof Op)[EventName]
export type KeepaliveOp = (typeof Op)[KeepaliveName]
export type AnswerOp = typeof Op.ok | typeof Op.error

const names: ReadonlyMap<number, OpName> = new Map(Object.entries(Op).map(([name, op]) => [op, name as OpName]))

/** Returns the name of an op, or undefined for a number that this version does not know. */
export const opName = (op: unknown): OpName | undefined => names.get(op as number)

export const isRelayOp = (op: unknown): op is RelayOp => typeof op === 'number' && op >= Op.offer && op <= Op.data
export const isRelayName = (name: unknown): name is RelayName =>
  typeof name === 'string' && Object.hasOwn(Op, name) && isRelayOp(Op[name as OpName])
export const isRequestOp = (op: unknown): op is RequestOp =>
  typeof op === 'number' && op >= Op.hello && op <= Op.restrict
export const isAnswerOp = (op: unknown): op is AnswerOp => op === Op.ok || op === Op.error
export const isEventOp = (op: unknown): op is EventOp =>
  op === Op.rooms || op === Op.connect || (typeof op === 'number' && op >= Op.welcome && op <= Op.roomchanged)
export const isKeepaliveOp = (op: unknown): op is KeepaliveOp => op === Op.ping || op === Op.pong
