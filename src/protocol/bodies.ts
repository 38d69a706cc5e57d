/** What a user publishes about itself; every peer in its rooms sees it. At most 4 KiB of msgpack. */
export type Info = Record<string, unknown>

/** Limits on who may enter a room: `users` lists the allowed `auth` values, `max` is the most peers. */
export interface Restrictions {
  users?: string[]
  max?: number
}

export interface RoomSettings {
  name?: string
  restrictions?: Restrictions
}

/** The session to resume: its newest token, and how many of its frames the client has received. */
export interface Resume {
  token: string
  received: number
}

/** Which rooms a listing has, and whether the server announces rooms from then on. */
export interface ListingRequest {
  /** true announces the rooms whose names begin with `prefix`, false no longer does. */
  subscribe?: boolean
  /** How the names of the rooms begin. @default '', which is every room */
  prefix?: string
  /** The `next` of the previous page. */
  after?: number
}

/** The bodies of the requests, by name. */
export interface RequestBodies {
  /** `resume`: true requests a session that can be resumed later; an object names the session to resume now. */
  hello: { token?: string; info?: Info; resume?: true | Resume }
  rooms: ListingRequest | null
  createroom: RoomSettings
  connect: { room: RoomSettings & { uuid?: number }; info?: Info; create?: boolean }
  disconnect: { uuid?: number } | null
  info: Info
  ice: null
  closeroom: { uuid: number; reason?: string }
  /** `uuid` is the room, `peer` the user to remove from it. */
  kick: { uuid: number; peer: number; reason?: string }
  /** `restrictions` replaces the room's current restrictions. */
  restrict: { uuid: number; restrictions: Restrictions }
}

/** A room, as each user that may see it receives it. */
export interface RoomInfo {
  uuid: number
  name: string
  /** The id of the user that created the room; 0 if the server did. */
  initiator: number
  restrictions: Restrictions
  /** The ids of the peers in the room. */
  peers: number[]
}

/** An ICE server, as `RTCConfiguration` takes it (W3C WebRTC, RTCIceServer). */
export interface IceServer {
  urls: string | string[]
  username?: string
  credential?: string
}

/** ICE servers, and how many milliseconds their credentials stay valid; absent if they never expire. */
export interface IceAnswer {
  iceServers: IceServer[]
  expiresIn?: number
}

/** The identity and permissions of a user's token. */
export interface OwnIdentity {
  auth: string
  name?: string
  /** The names of permitted rooms, where `*` matches any characters; absent if all are permitted. */
  rooms?: string[]
  create: boolean
  publish: boolean
  subscribe: boolean
  admin: boolean
}

/** What a client needs to resume later. */
export interface ResumeOffer {
  token: string
  /** How long a disconnected user can resume, in milliseconds. */
  grace: number
}

/**
 * The answer to `hello`. If the session resumed, `received` is how many of its frames the server has received, and the
 * frames that the client lacks follow. A JSON user whose token has admitted it receives `rooms`, those that it may see.
 */
export type Greeting = {
  id: number
  /** Absent if the client did not ask for it, or the server keeps no sessions. */
  resume?: ResumeOffer
  /** On a closed server: the token's identity, and how many milliseconds the token stays valid. */
  identity?: OwnIdentity
  expiresIn?: number
  /** Absent if the server has no ICE servers. */
  ice?: IceAnswer
} & ({ recovered: false; rooms?: RoomInfo[] } | { recovered: true; received: number })

/** A peer in a room of this user. */
export interface PeerArrival {
  id: number
  /** What the peer says about itself. Nothing in it counts as one of the fields below. */
  info: Info
  /** True if a token or the host has verified who the peer is. `auth` and `name` then say who; `name` may be absent. */
  verified?: boolean
  auth?: string
  name?: string
  room: number
  /** The id of the user that sends the offer. */
  initiator: number
  link: number
  /** Both are false if the peer lacks the permission, and absent otherwise. */
  publish?: boolean
  subscribe?: boolean
}

/** A peer that has left a room of this user. */
export interface PeerDeparture {
  id: number
  info: Info
  room: number
}

/** The server removed this user from a room. */
export interface Kicked {
  uuid: number
  code: string
  reason: string
}

export interface RoomClosed {
  uuid: number
  reason?: string
}

/** The results of the requests, by name. The body of an error is a SignalErrorBody. */
export interface AnswerBodies {
  hello: Greeting
  /** `next` is absent on the last page. */
  rooms: { cmd: 'rooms'; next?: number; data: RoomInfo[] }
  createroom: RoomInfo
  connect: RoomInfo
  disconnect: { cmd: 'roomclosed' }
  info: Info
  ice: IceAnswer
  closeroom: { cmd: 'roomclosed' }
  kick: null
  restrict: RoomInfo
}

/** The bodies of the events, by name. */
export interface EventBodies {
  welcome: { version: number; id: number; frameBytes: number; recovered: boolean; ice?: IceAnswer }
  rooms: RoomInfo[]
  roomadded: RoomInfo
  roomclosed: RoomClosed
  connect: PeerArrival
  disconnectPeer: PeerDeparture
  kicked: Kicked
  roomchanged: RoomInfo
}
