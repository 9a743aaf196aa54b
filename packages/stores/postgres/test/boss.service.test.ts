import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { createTracker } from '@sessionwire/core'
import { PgBoss } from 'pg-boss'
import { expect, onTestFinished, test } from 'vitest'
import { countingAdapter, countingService } from './counting.ts'
import { openStore } from './places.ts'
import { freshSchema } from './server.ts'

const PAGE = new URL('../../../../docs/guide/from-one-machine-to-many.md', import.meta.url)

/** The page's own code. */
const loadExample = async () => {
  const blocks = readFileSync(PAGE, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)
  const [code = ''] = [...blocks].flatMap(([, text = '']) => (text.includes('deliverWith') ? [text] : []))
  const stripped = stripTypeScriptTypes(code)
  return (await import(`data:text/javascript,${encodeURIComponent(stripped)}`)) as Readonly<{
    deliverWith: (boss: unknown, tracker: unknown) => Promise<void>
  }>
}

test('the job of the guide delivers, run by pg-boss on the same server', async () => {
  const { url, schema, pool } = await freshSchema()
  const service = await countingService(0)
  const tracker = await createTracker({
    ...{ project: 'counting', user: 'someone', deliver: false, drainOnClose: 0 },
    store: openStore({ url }, { schema }),
    adapters: [countingAdapter(service.origin, {})],
  })
  onTestFinished(() => tracker.close())
  const boss = new PgBoss({ connectionString: url, schema: `${schema}_boss` })
  boss.on('error', () => undefined)
  await boss.start()
  onTestFinished(async () => {
    await boss.stop({ graceful: false })
    await pool.query(`DROP SCHEMA IF EXISTS ${schema}_boss CASCADE`)
  })
  const { deliverWith } = await loadExample()
  await deliverWith(boss, tracker)
  const session = await tracker.start({ goal: 'deliver by a job' })
  await session.update('one')
  const delivered = new Promise<void>(resolve => {
    tracker.on('delivered', () => resolve())
  })
  // The next minute would do it too.
  await boss.send('sessionwire-drain', {})
  await delivered
  expect(service.posts.map(({ text }) => text)).toEqual(['one'])
})
