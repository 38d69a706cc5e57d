/** Like the track event of a MediaStream. As in datastreams-api, `detail` holds the track too. */
export class TrackEvent<Track> extends CustomEvent<Track> {
  readonly track: Track

  constructor(type: string, track: Track) {
    super(type, { detail: track })
    this.track = track
  }
}
