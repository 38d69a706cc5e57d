/** What the links of a room use: ICE servers with valid credentials, and certificates. @module */
export { LinkCredentials } from './link-credentials.ts'
export { RenewedRtc } from './renewed-rtc.ts'
