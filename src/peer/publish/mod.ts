/** Publications: they send sources over every link. @module */
export { Outbox } from './outbox.ts'
export { OutgoingPublication } from './outgoing-publication.ts'
export type { Publication, PublicationEvents, PublicationStats, PushPublication } from './publication.ts'
export { checkFields, type DescriptionChanges, describeTrack, type PublishOptions } from './publish-options.ts'
