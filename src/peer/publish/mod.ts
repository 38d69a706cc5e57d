/** Publications: they send sources over every link. @module */
export { Outbox } from './outbox.ts'
export { Publication, type PublicationEvents } from './publication.ts'
export type { PublicationStats } from './publication-stats.ts'
export { type DescriptionChanges, describeTrack, type PublishOptions } from './publish-options.ts'
export type { PushPublication } from './push-publication.ts'
