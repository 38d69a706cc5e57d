/** Publications: sources on their way to every link. @module */
export { Outbox } from './outbox.ts'
export { Publication, type PublicationEvents, type PushPublication } from './publication.ts'
export type { PublicationStats } from './publication-stats.ts'
export { type DescriptionChanges, describeTrack, type PublishOptions } from './publish-options.ts'
