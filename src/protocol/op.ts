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

/** The name of an op. In the JSON envelope, it is the `cmd`. */
export type OpName = keyof typeof Op
/** Ops that the server forwards to one peer without reading the body. `data` is free for applications. */
export type RelayName = 'offer' | 'answer' | 'candidate' | 'signal' | 'data'
/** Ops that ask the server for something. Each has one answer. */
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
/** Ops that the server sends without a request. `rooms` and `connect` are also requests. */
export type EventName =
  | 'welcome'
  | 'rooms'
  | 'roomadded'
  | 'roomclosed'
  | 'connect'
  | 'disconnectPeer'
  | 'kicked'
  | 'roomchanged'
/** Ops that acknowledge received frames. Only binary users have them. */
export type KeepaliveName = 'ping' | 'pong'

/** The numbers of relays, within 1–15. */
export type RelayOp = (typeof Op)[RelayName]
/** The numbers of requests, within 16–31. */
export type RequestOp = (typeof Op)[RequestName]
/** The numbers of events, within 48–63, and of `rooms` and `connect`. */
export type EventOp = (typeof Op)[EventName]
/** The numbers of keepalives, within 64–79. */
export type KeepaliveOp = (typeof Op)[KeepaliveName]
/** The numbers of answers, within 32–47. */
export type AnswerOp = typeof Op.ok | typeof Op.error

const names: ReadonlyMap<number, OpName> = new Map(Object.entries(Op).map(([name, op]) => [op, name as OpName]))

/** Returns the name of an op, or undefined for a number that this version does not know. */
export const opName = (op: unknown): OpName | undefined => names.get(op as number)

/** Returns whether a value is the number of a relay. */
export const isRelayOp = (op: unknown): op is RelayOp => typeof op === 'number' && op >= Op.offer && op <= Op.data
/** Returns whether a value is the name of a relay. */
export const isRelayName = (name: unknown): name is RelayName =>
  typeof name === 'string' && Object.hasOwn(Op, name) && isRelayOp(Op[name as OpName])
/** Returns whether a value is the number of a request. */
export const isRequestOp = (op: unknown): op is RequestOp =>
  typeof op === 'number' && op >= Op.hello && op <= Op.restrict
/** Returns whether a value is the number of an answer. */
export const isAnswerOp = (op: unknown): op is AnswerOp => op === Op.ok || op === Op.error
/**
 * Returns whether a value is the number of an event. True for `rooms` and `connect` too: the frame's length decides.
 */
export const isEventOp = (op: unknown): op is EventOp =>
  op === Op.rooms || op === Op.connect || (typeof op === 'number' && op >= Op.welcome && op <= Op.roomchanged)
/** Returns whether a value is the number of a ping or a pong. */
export const isKeepaliveOp = (op: unknown): op is KeepaliveOp => op === Op.ping || op === Op.pong
