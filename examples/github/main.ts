// A session in GitHub: one issue edited in place, decisions and blockers as comments, a status on the commit.
//   npm run example -- github          a GitHub on this machine that fails now and then
//   npm run example -- github --live   the real one: GITHUB_TOKEN, GITHUB_REPO_OWNER and GITHUB_REPO_NAME
import { createTracker, memoryStore } from '@sessionwire/core'
import { formatDeliveries, formatStatus } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { createFastClock, createStage } from '@sessionwire/core/testing'
import { github } from '@sessionwire/github'
import { hostileGithub } from '@sessionwire/github/testing'

const stop = (text: string): never => {
  console.error(text)
  process.exit(1)
}
const live = process.argv.includes('--live')
const unknown = process.argv.slice(2).find(word => word !== '--live')
if (unknown !== undefined) stop(`unknown argument "${unknown}"; expected --live, or nothing`)

const clock = createFastClock(live ? 1 : 60)
const adapter =
  (live
    ? github.fromEnv()
    : github({ owner: 'acme', repo: 'billing', check: true, statuses: { close: 'completed' } })) ??
  stop('Set GITHUB_TOKEN, GITHUB_REPO_OWNER and GITHUB_REPO_NAME.')
const service = live ? undefined : await hostileGithub({ now: clock.now })
const stage = service && createStage([[adapter, service]], { GITHUB_TOKEN: service.token }, clock)
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  // With --live, requests that cannot be delivered now stay in the file, and the next run sends them.
  store: live ? sqliteStore('.sessionwire/github.db') : memoryStore(clock),
  adapters: [adapter],
  ...stage,
})

const commit = live ? {} : { refs: { github: { commit: '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d' } } }
const session = await tracker.start({ goal: 'Stop double charging', agent: 'fixer', ...commit })
await session.update('Reproduced: @mia saw it too, fixes #12', { progress: 35, nextSteps: ['Find the lock'] })
await session.decide('Lock per invoice', {
  rationale: 'Stripe retries within seconds',
  alternatives: ['One global lock'],
})
const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
await blocker.resolve('Key issued by ops')
await session.close({ summary: 'One lock per invoice', progress: 100 })
// Every other action of the service goes the same durable way, in the session's order.
await tracker.act('github', 'addLabels', { labels: ['bug'] }, { sessionId: session.id })

const { done } = await tracker.drain({ timeoutMs: 30_000 * clock.speed })
console.log(formatDeliveries(await tracker.deliveries({ lane: session.id })))
if (!done) {
  process.exitCode = 1
  console.error(`\nNot everything was delivered:\n${formatStatus(await tracker.status())}`)
}
for (const { number, title, body, state, labels, comments } of service?.issues() ?? []) {
  console.log(`\n#${number} ${title} (${state}, ${labels.join(', ')})\n\n${body}`)
  for (const comment of comments) console.log(`\n  ${comment.body.replaceAll('\n', '\n  ')}`)
}
for (const { context, state, description } of service?.statuses() ?? [])
  console.log(`\n${context}: ${state}, ${description}`)
if (service !== undefined) console.log(`\nSent twice, by GitHub's own count: ${service.countDoubled()}`)
await tracker.close()
await service?.close()
