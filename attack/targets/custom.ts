import type {
  Call,
  CustomCall,
  Descriptor,
  HttpCall,
  Json,
  TransportFactory,
} from '@sessionwire/core/adapter'
import { slackTarget } from './slack.ts'
import type { Target } from './target.ts'

type Parcel = Pick<HttpCall, 'method' | 'headers' | 'encoding'> & Readonly<{ body: Json }>

/** Writes of hooks as custom calls; look-ups and direct calls stay HTTP. */
const pack = (descriptor: Descriptor): Descriptor => {
  if (descriptor.kind !== 'http' || descriptor.method === 'GET' || typeof descriptor.endpoint !== 'string')
    return descriptor
  const { method, headers, encoding, query: _, payload, ...rest } = descriptor
  const parcel = {
    method,
    ...(headers === undefined ? {} : { headers }),
    ...(encoding === undefined ? {} : { encoding }),
    body: payload ?? null,
  }
  return { ...rest, kind: 'custom', target: 'parcel', payload: parcel } as Descriptor
}

const unpack = ({ target: _, payload, ...rest }: CustomCall): Call => {
  const { body, ...parcel } = payload as unknown as Parcel
  return { ...rest, ...parcel, kind: 'http', payload: body } as Call
}

const transport: TransportFactory = ({ http }) => ({
  send: (call, sending) => http.send(call.kind === 'custom' ? unpack(call) : call, sending),
})

/** Slack, whose writes go as custom calls through a transport of the adapter's own. */
export const customTarget: Target = {
  ...slackTarget,
  name: 'custom',
  make: options => ({
    ...slackTarget.make({ ...options, as: 'custom' }),
    transform: pack,
    transport,
    // Both services are on this machine, and number their messages alike.
    link: ({ captured: { permalink } }) =>
      typeof permalink === 'string'
        ? { name: 'custom', url: permalink.replace('work.example', 'other.example') }
        : undefined,
  }),
}
