// A service that is overloaded and answers 429 (or 408) with "Retry-After: 0" (what is left of a second, rounded down). "Waiting grows from one second to fifteen minutes": it must not be hammered
// without any pause, and one session must not make hundreds of requests in a few seconds.
import { createTracker } from '@sessionwire/core'
import { jira } from '@sessionwire/jira'
import { linear } from '@sessionwire/linear'
import { neo4j } from '@sessionwire/neo4j'
import { opsera } from '@sessionwire/opsera'
import { taiga } from '@sessionwire/taiga'
import { serve, sleep, verdict } from './lib.mjs'

const out = {}
for (const code of [429, 408])
  for (const make of [
    u => jira({ baseUrl: u, deployment: 'cloud', projectKey: 'ENG' }),
    u => taiga({ baseUrl: u + '/api/v1', project: 'x' }),
    u => opsera({ baseUrl: u, mode: 'execute' }),
    u => linear({ teamId: '11111111-2222-4333-8444-555555555555', baseUrl: u }),
    u => neo4j({ uri: u, manageSchema: false }),
  ]) {
    let n = 0
    const s = await serve((q, a) => {
      n++
      a.writeHead(code, { 'retry-after': '0', 'content-type': 'application/json' })
      a.end('{}')
    })
    let ad
    try {
      ad = make(s.url)
    } catch (e) {
      console.log(e.message)
      continue
    }
    const t = await createTracker({
      project: 'p',
      user: 'u',
      secrets: () => 'token-token-token',
      adapters: [ad],
    })
    await t.start({ goal: 'x' })
    await sleep(5000)
    out[`${ad.name} ${code}`] = n
    s.close()
    await t.close()
  }
console.log('requests in 5 s, one session', out)
verdict(
  Object.values(out).every(n => n <= 20),
  `most: ${Math.max(...Object.values(out))} requests in 5 s`,
)
