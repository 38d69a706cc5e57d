/** Like the track event of a MediaStream. As in datastreams-api, `detail` holds the track too. */
export class TrackEvent<Track> extends CustomEvent<Track> {
  /** The track that was added or removed. */
  readonly track: Track

  /** Creates the event. The stream does this; an app only listens. */
  constructor(type: string, track: Track) {
    super(type, { detail: track })
    this.track = track
  }
}
