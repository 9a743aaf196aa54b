// docs/guide/delivery.md: "If you would rather have a double than a gap, tell the adapter onDoubt: 'repeat': then what cannot be
// looked up is sent again." With it every unsafe call that a hook plans is refused by the product's own descriptor check: the start hook "fails",
// the lane is dead, nothing at all is sent. With act() the option has no effect.
import { createTracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'
import { serve, sleep, verdict } from './lib.mjs'

const out = {}
for (const onDoubt of ['hold', 'repeat']) {
  let hits = 0
  const s = await serve((q, a) => {
    hits++
    a.end('ok')
  })
  const t = await createTracker({
    project: 'p',
    user: 'u',
    secrets: () => s.url + '/hook',
    adapters: [slack({ auth: 'webhook', onDoubt })],
  })
  const x = await t.start({ goal: 'x' })
  await x.close({ summary: 'done' })
  await t.drain({ timeoutMs: 300_000 })
  out[onDoubt] = hits
  console.log(
    onDoubt,
    'messages that arrived:',
    hits,
    (await t.deliveries()).map(d => `${d.state} ${d.reason ?? ''}`),
  )
  await t.close()
}
{
  // act(): the first answer is lost; with onDoubt: 'repeat' it must be sent again
  let hits = 0
  const s = await serve((q, a) => {
    hits++
    hits === 1 ? q.socket.destroy() : a.end('ok')
  })
  const t = await createTracker({
    project: 'p',
    user: 'u',
    policy: { afterMs: 500, timeoutMs: 5000 },
    secrets: () => s.url + '/hook',
    adapters: [slack({ auth: 'webhook', onDoubt: 'repeat' })],
  })
  const _r = await t.act('slack', 'createMessage', { body: 'x' })
  await sleep(300)
  await t.drain({ timeoutMs: 300_000 })
  out.act = hits
  console.log(
    'act with onDoubt repeat, first answer lost: sent',
    hits,
    (await t.deliveries()).map(d => `${d.state} ${d.reason ?? ''}`),
  )
}
verdict(out.hold === 2 && out.repeat === 2 && out.act === 2, JSON.stringify(out))
