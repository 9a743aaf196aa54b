// A session as Markdown files: a note, lines in the daily note, a decision record.
//   npm run example -- files          a folder for temporary files, which is removed
//   npm run example -- files --live   your vault: OBSIDIAN_VAULT_PATH
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracker, memoryStore } from '@sessionwire/core'
import { formatDeliveries, formatStatus } from '@sessionwire/core/render'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { files } from '@sessionwire/files'

const stop = (text: string): never => {
  console.error(text)
  process.exit(1)
}
const live = process.argv.includes('--live')
const unknown = process.argv.slice(2).find(word => word !== '--live')
if (unknown !== undefined) stop(`unknown argument "${unknown}"; expected --live, or nothing`)

const folder = live ? undefined : mkdtempSync(join(tmpdir(), 'vault-'))
const more = { daily: true, adr: 'docs/decisions' } as const
const adapter =
  (folder === undefined ? files.fromEnv(more) : files({ root: folder, ...more })) ??
  stop('Set OBSIDIAN_VAULT_PATH.')
const tracker = await createTracker({
  project: 'billing',
  user: 'ada',
  // With --live, changes that cannot be written now stay in the file, and the next run writes them.
  store: live ? sqliteStore('.sessionwire/files.db') : memoryStore(),
  adapters: [adapter],
})

const session = await tracker.start({ goal: 'Stop double charging', agent: 'fixer' })
await session.update('Reproduced with two parallel webhooks', { progress: 35, nextSteps: ['Find the lock'] })
await session.decide('Lock per invoice', {
  rationale: 'Stripe retries within seconds',
  alternatives: ['One global lock'],
})
console.log(tracker.render(await tracker.preview(session.id), 'diff'))
const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
await blocker.resolve('Key issued by ops')
await session.close({ summary: 'Fixed in #981', progress: 100 })

const { done } = await tracker.drain({ timeoutMs: 30_000 })
console.log(formatDeliveries(await tracker.deliveries({ lane: session.id })))
if (!done) {
  process.exitCode = 1
  console.error(`\nNot everything was written:\n${formatStatus(await tracker.status())}`)
}
if (folder !== undefined) {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
    if (statSync(join(folder, path)).isFile())
      console.log(`\n── ${path}\n${readFileSync(join(folder, path), 'utf8')}`)
  rmSync(folder, { recursive: true })
}
await tracker.close()
