/** What links use: ICE servers with valid credentials, certificates, and a connection for the first one. @module */
export { LinkCredentials, type OwnCredentials } from './link-credentials.ts'
export { RenewedRtc } from './renewed-rtc.ts'
