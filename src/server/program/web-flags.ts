import type { ServeOptions } from '../serve.ts'
import { type Origin, originText, readOrigin, readPublicUrl } from '../shared/origin.ts'
import { UsageError } from '../shared/usage-error.ts'
import { type FlagGroup, textsOf } from './flags.ts'

/** Options for pages of other origins, and for the names of the server. */
export const webFlags: FlagGroup = {
  flags: {
    origin: {
      type: 'string',
      multiple: true,
      value: 'URL',
      help: "accepts pages of this origin too, such as https://lab.example.org; repeatable, or a list with commas; * accepts every page (default: the server's own pages; on localhost also all pages of localhost)",
    },
    'public-url': {
      type: 'string',
      multiple: true,
      value: 'URL',
      help: 'a URL under which people reach the server by a name or through a proxy; repeatable. The server refuses all other names (default: --host and localhost; with --host 0.0.0.0 also every IP address)',
    },
  },
  read(values) {
    const options: ServeOptions = {}
    const origins = textsOf(values, 'origin').flatMap((text) => text.split(',').map(readAllowed))
    if (origins.length > 0) options.origins = origins
    const urls = textsOf(values, 'public-url').map((text) => read(text, readPublicUrl, '--public-url', 'streams'))
    if (urls.length > 0) options.publicUrls = urls
    return options
  },
}

const readAllowed = (text: string): string =>
  text.trim() === '*' ? '*' : read(text.trim(), readOrigin, '--origin', 'lab', ', or *')

function read(text: string, reader: (text: string) => Origin | undefined, flag: string, name: string, or = ''): string {
  const origin = reader(text)
  if (origin !== undefined) return originText(origin)
  throw new UsageError(`${flag} must be like https://${name}.example.org${or}: it is ${text}`)
}
