import {
  createLogin,
  fieldsOf,
  type HttpCall,
  type Json,
  type Login,
  type TransportFactory,
} from '@sessionwire/core/adapter'
import type { TaigaConfig } from './config.ts'
import { isOwn } from './outcome.ts'

const isText = (value: Json | undefined): value is string => typeof value === 'string' && value !== ''

/** Logs in with user name and password, and renews the token. Taiga ends a refresh token the moment it is used. */
const loginOf = ({ baseUrl, loginType, secrets }: TaigaConfig): Login => {
  const read: Login['read'] = ({ status, body }) => {
    const { auth_token: token, refresh } = fieldsOf(body)
    if (status < 200 || status > 299 || !isText(token)) return undefined
    return { token, ...(isText(refresh) ? { refresh } : {}) }
  }
  // No credential here: with a stale one in the header Taiga refuses the login itself.
  const post = (path: string, payload: Json): HttpCall => ({
    kind: 'http',
    method: 'POST',
    endpoint: `${baseUrl}/${path}`,
    headers: { 'accept-language': 'en' },
    payload,
  })
  return {
    secrets: [secrets.TAIGA_USERNAME, secrets.TAIGA_PASSWORD],
    about: 'log in',
    request: async ([username = '', password = ''], send, old) => {
      if (old?.refresh !== undefined) {
        const reply = await send(post('auth/refresh', { refresh: old.refresh }))
        if (reply.kind === 'failure' || read(reply) !== undefined) return reply
      }
      return send(post('auth', { type: loginType, username, password }))
    },
    read,
    isOwn,
    refuse: reason => ({ _error_message: reason }),
  }
}

/**
 * Sends by plain HTTP, and does the two things that Taiga needs beyond it. With user name and password it logs in. And after a
 * delete that was forbidden it reads the object: Taiga answers 403 to a delete of what is not there, and only a read says 404.
 */
export const transport =
  (config: TaigaConfig): TransportFactory =>
  rim => {
    const { http, now } = rim
    const send = createLogin(rim, loginOf(config))
    return {
      ...http,
      send: async (call, sending) => {
        const endsAt = now() + sending.timeoutMs
        const reply = await send(call, sending)
        const timeoutMs = endsAt - now()
        const isForbidden = reply.kind === 'answer' && reply.status === 403
        if (!isForbidden || call.kind !== 'http' || call.method !== 'DELETE' || timeoutMs < 1) return reply
        const there = await send({ ...call, method: 'GET' }, { ...sending, timeoutMs })
        return there.kind === 'answer' && there.status === 404 && isOwn(there) ? there : reply
      },
    }
  }
