// A Taiga with the LDAP plugin accepts directory passwords only with the login type "ldap".
// Right: such an account can log in.

import { createTracker } from '@sessionwire/core'
import { taiga } from '@sessionwire/taiga'
import { hostileTaiga } from '@sessionwire/taiga/testing'
import { collectLog, fastClock, front, rows, verdict } from '../app/lib.mjs'

const clock = fastClock(60)
const service = await hostileTaiga({ now: clock.now })
const types = []
// With the LDAP plugin a directory's password is taken for type "ldap" only; "normal" looks into Taiga's own table.
const at = await front(service.url, ({ method, path, json, headers }) => {
  if (method === 'POST' && path === '/api/v1/auth') {
    types.push(json.type)
    return json.type === 'ldap'
      ? { status: 200, body: { auth_token: 'tok', refresh: 'ref', id: 5 } }
      : {
          status: 401,
          body: { detail: 'username or password does not matches user.', code: 'invalid_credentials' },
        }
  }
})
const log = collectLog()
const base = { baseUrl: `${at.url}/api/v1`, projectId: 7, auth: 'password', loginType: 'ldap' }
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  logger: log,
  ...clock,
  pollMs: 20,
  adapters: [taiga(base)],
  secrets: n => ({ TAIGA_USERNAME: 'ada', TAIGA_PASSWORD: 'directory' })[n],
})
await tracker.start({ goal: 'x' })
await tracker.drain({ timeoutMs: 60 * 20 * 3_000 })
console.log((await rows(tracker)).join('\n'))
console.log('types asked', [...new Set(types)], log.said[0]?.slice(0, 200))
verdict(new Set(types).size === 1 && types[0] === 'ldap', 'an account of a directory can log in')
await tracker.close()
await at.close()
await service.close()
