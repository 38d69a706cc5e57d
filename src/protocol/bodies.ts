import type { SignalErrorBody } from './errors.ts'

/** What a user publishes about itself; every peer in its rooms sees it. At most 4 KiB of msgpack. */
export type Info = Record<string, unknown>

/** Limits on who may enter a room: `users` lists the allowed `auth` values, `max` is the most peers. */
export interface Restrictions {
  /**
   * The `auth` values that may see and enter the room: at most 1,024. Absent if everybody may. The owner always may.
   */
  users?: string[]
  /** Most peers in the room, from 1. Absent if only the server's own limit applies, 1,024 by default. */
  max?: number
}

/** What the creator of a room decides about it. */
export interface RoomSettings {
  /**
   * 1–128 UTF-16 code units, as PROTOCOL.md defines names. Several rooms may have the same name.
   *
   * @default the uuid in decimal
   */
  name?: string
  /** Who may enter, and how many. At most 16,384 bytes of msgpack. @default everybody, as many as the server accepts */
  restrictions?: Restrictions
}

/** The session to resume: its newest token, and how many of its frames the client has received. */
export interface Resume {
  /** The `token` of the newest `ResumeOffer`. It works once. */
  token: string
  /** Frames of the session that the client has received, pings and pongs not counted. */
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
  /**
   * `resume`: true requests a session that can be resumed later; an object names the session to resume now. `connect`
   * is the body of a request `connect`, which the server runs before it answers, unless a session resumes.
   */
  hello: { token?: string; info?: Info; resume?: true | Resume; connect?: RequestBodies['connect'] }
  /** Lists the rooms that the user may see. A `ListingRequest` selects some, and may subscribe. */
  rooms: ListingRequest | null
  /** Creates a room. Its owner does not enter it. */
  createroom: RoomSettings
  /**
   * Enters a room by its uuid, or by its name. With `create`, a missing room of that name is created first. `info` is
   * merged into the user's info.
   */
  connect: { room: RoomSettings & { uuid?: number }; info?: Info; create?: boolean }
  /** Leaves the room `uuid`; without a uuid, leaves all rooms. */
  disconnect: { uuid?: number } | null
  /** The fields to add to the user's info, or to replace in it. */
  info: Info
  /** Requests ICE servers with new credentials. The server ignores the body. */
  ice: null
  /** Deletes the room `uuid`. `reason` is a text for its peers, at most 256 UTF-16 code units. */
  closeroom: { uuid: number; reason?: string }
  /** `uuid` is the room, `peer` the user to remove from it. */
  kick: { uuid: number; peer: number; reason?: string }
  /** `restrictions` replaces the room's current restrictions. */
  restrict: { uuid: number; restrictions: Restrictions }
}

/** A room, as each user that may see it receives it. */
export interface RoomInfo {
  /** The room's id, an integer in 1..2^53−1. Requests name the room by it. */
  uuid: number
  /** The name for people; the uuid in decimal if its creator chose none. Other rooms may have the same name. */
  name: string
  /** The id of the user that created the room; 0 if the server did. */
  initiator: number
  /** Who may enter, and how many. Empty if nothing is restricted. */
  restrictions: Restrictions
  /** The ids of the peers in the room. */
  peers: number[]
}

/** An ICE server, as `RTCConfiguration` takes it (W3C WebRTC, RTCIceServer). */
export interface IceServer {
  /**
   * One URL or several, such as `stun:stun.example.org` or `turn:turn.example.org?transport=udp` (RFC 7064, RFC 7065).
   */
  urls: string | string[]
  /** For a TURN server. Of a time-limited credential: `<expiry, in seconds since the epoch>:<user id>`. */
  username?: string
  /** The password that belongs to `username`. */
  credential?: string
}

/** ICE servers, and how many milliseconds their credentials stay valid; absent if they never expire. */
export interface IceAnswer {
  /** STUN and TURN servers for `RTCConfiguration.iceServers`; empty if there are none. */
  iceServers: IceServer[]
  /** Milliseconds until the credentials expire, measured from the answer. A link that is open needs no new ones. */
  expiresIn?: number
}

/** The identity and permissions of a user's token. */
export interface OwnIdentity {
  /** The value that `restrictions.users` is compared with: the token's `sub`. */
  auth: string
  /** The token's `name`. It overrides the name in the user's info. Absent if the token has none. */
  name?: string
  /** The names of permitted rooms, where `*` matches any characters; absent if all are permitted. */
  rooms?: string[]
  /** Whether the user may create rooms. */
  create: boolean
  /** Whether the user may send streams and data to other peers. */
  publish: boolean
  /** Whether the user may receive streams and data of other peers. */
  subscribe: boolean
  /** Whether the user sees every room and may close, restrict and kick in it. */
  admin: boolean
}

/** What a client needs to resume later. */
export interface ResumeOffer {
  /** For `resume.token` of the next `hello` that resumes the session. It works once; the answer has the next one. */
  token: string
  /** How long a disconnected user can resume, in milliseconds. */
  grace: number
}

/**
 * The answer to `hello`. If the session resumed, `received` is how many of its frames the server has received, and the
 * frames that the client lacks follow. A JSON user whose token has admitted it receives `rooms`, those that it may see.
 */
export type Greeting = {
  /** The user's id, which its peers see; the id of the session if that resumed. */
  id: number
  /** Absent if the client did not ask for it, or the server keeps no sessions. */
  resume?: ResumeOffer
  /** The token's identity. Absent on an open server. */
  identity?: OwnIdentity
  /** Milliseconds until the token expires. Absent if it never does. */
  expiresIn?: number
  /** Absent if the server has no ICE servers. */
  ice?: IceAnswer
} & (({ recovered: false; rooms?: RoomInfo[] } & Entered) | { recovered: true; received: number })

/** The outcome of the `connect` in a `hello`. Both are absent without one, and from servers that do not know it. */
export interface Entered {
  /** The entered room, as the answer to `connect` has it. */
  room?: RoomInfo
  /** Why the user could not enter. The `hello` itself has succeeded. */
  refused?: SignalErrorBody
}

/** A peer in a room of this user. */
export interface PeerArrival {
  /** The peer's user id, an integer in 1..2^53−1. Address signals to it. */
  id: number
  /** What the peer says about itself. Nothing in it counts as one of the fields below. */
  info: Info
  /** True if a token or the host has verified who the peer is. `auth` and `name` then say who; `name` may be absent. */
  verified?: boolean
  /** The verified identity: the `sub` of the peer's token, or what the host says. Absent unless `verified`. */
  auth?: string
  /** The verified name: the `name` of the peer's token, or what the host says. Absent if there is none. */
  name?: string
  /** The uuid of the room that both users are in. Two peers that share two rooms have two links. */
  room: number
  /** The id of the user that sends the offer. */
  initiator: number
  /** The pair's number in this room. A later link has a higher one, so a client can drop signals of an older link. */
  link: number
  /** False if the peer may not send streams and data. Drop what it publishes. Absent if it may. */
  publish?: boolean
  /** False if the peer may not receive streams and data. Send it none. Absent if it may. */
  subscribe?: boolean
}

/** A peer that has left a room of this user. */
export interface PeerDeparture {
  /** The id of the user that left. */
  id: number
  /** What the user last said about itself. */
  info: Info
  /** The uuid of the room that it left. */
  room: number
}

/** The server removed this user from a room. */
export interface Kicked {
  /** The room that this user is no longer in. */
  uuid: number
  /** Why: `kicked` by a moderator, `restricted` by new restrictions, or `token` if a new token permits less. */
  code: string
  /** The moderator's text; empty if there is none. */
  reason: string
}

/** A room that was deleted, or that this user may no longer see. */
export interface RoomClosed {
  /** The room's uuid, as in `RoomInfo`. */
  uuid: number
  /**
   * The text of the user that closed the room. Absent if it gave none, and if the service deleted the empty room.
   */
  reason?: string
}

/** The results of the requests, by name. The body of an error is a SignalErrorBody. */
export interface AnswerBodies {
  /** The user's id and rooms, and whether the session resumed. */
  hello: Greeting
  /** A page of the rooms that the user may see, oldest first. `next` is absent on the last page. */
  rooms: { cmd: 'rooms'; next?: number; data: RoomInfo[] }
  /** The new room, still without peers. */
  createroom: RoomInfo
  /** The entered room. The new user is among its peers. */
  connect: RoomInfo
  /** The user has left. The answer is always the same. */
  disconnect: { cmd: 'roomclosed' }
  /** The user's complete info after the change. */
  info: Info
  /** The ICE servers with new credentials. */
  ice: IceAnswer
  /** The room is deleted. The answer is always the same. */
  closeroom: { cmd: 'roomclosed' }
  /** nil: the peer is no longer in the room. */
  kick: null
  /** The room with its new restrictions. */
  restrict: RoomInfo
}

/** The bodies of the events, by name. */
export interface EventBodies {
  /**
   * The first frame for a new binary user. `frameBytes` is the largest message that the server accepts, in bytes;
   * `recovered` is always false. `joins` is true if `hello` may have `connect`.
   */
  welcome: { version: number; id: number; frameBytes: number; recovered: boolean; joins?: boolean; ice?: IceAnswer }
  /** The rooms that a new user may see. */
  rooms: RoomInfo[]
  /** A new room, or one that the user may see from now on. */
  roomadded: RoomInfo
  /** A room that was deleted, or one that the user may no longer see. */
  roomclosed: RoomClosed
  /** Another user in a room of this user. Both users of a pair receive the event. */
  connect: PeerArrival
  /** A user has left a room of this user, or the service. */
  disconnectPeer: PeerDeparture
  /** This user is no longer in a room. */
  kicked: Kicked
  /** A room with new restrictions. */
  roomchanged: RoomInfo
}
