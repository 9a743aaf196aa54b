import { createTracker } from '@sessionwire/core'
import { expect, test } from 'vitest'
import { taiga } from '../src/index.ts'
import { hostileTaiga } from '../src/testing.ts'

test('x', async () => {
  await using server = await hostileTaiga()
  const { id, ref } = server.add('userstory')
  const tracker = await createTracker({
    project: 'billing',
    secrets: (name: string) =>
      ({ TAIGA_TOKEN: 'app-token', TAIGA_USERNAME: 'mirror-bot', TAIGA_PASSWORD: 'correct horse' })[name],
    adapters: [
      taiga({
        project: 'billing',
        baseUrl: server.baseUrl,
        auth: 'password',
        statuses: { start: 'In progress', blocker: 'ready', close: 'done' },
        allowDestructive: true,
      }),
    ],
  })
  tracker.on('error', e => console.log('error', e))
  tracker.on('retry', e => console.log('retry', JSON.stringify(e)))
  tracker.on('dead', e => console.log('dead', JSON.stringify(e)))
  for (const refs of [{}, { 'taiga.story': `#${ref}` }]) {
    const session = await tracker.start({ goal: 'Stop double charging', user: 'fixer', progress: 20, refs })
    await session.update('Reproduced', { progress: 35 })
    await session.decide('Lock per invoice @bob', {
      rationale: 'Stripe retries',
      alternatives: ['global lock'],
    })
    const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
    await blocker.resolve('Key issued by ops')
    await tracker.act(
      'taiga',
      'createTask',
      { story: 'session', subject: 'Hi', status: 'Closed' },
      { sessionId: session.id },
    )
    await tracker.act(
      'taiga',
      'updateStory',
      { id: 'session', addTags: ['x', 'Y'], assignedTo: 'bob' },
      { sessionId: session.id },
    )
    await tracker.export(session.id)
    await session.close({ summary: 'Fixed in #981', progress: 100 })
    console.log(JSON.stringify(await tracker.drain({ timeoutMs: 20000 })))
  }
  console.log((await tracker.deliveries()).map(d => [d.action, d.state, d.reason]).join('\n'))
  console.log(
    server
      .requests()
      .map(r => [r.method, r.url, r.body, r.answer?.status, r.answer?.body])
      .map(x => JSON.stringify(x).slice(0, 400))
      .join('\n'),
  )
  console.log(server.items('userstory'), server.items('task'), server.pages())
  console.log(
    await tracker.check('taiga'),
    await tracker.fetch('taiga', 'statuses', { kind: 'issue' }),
    await tracker.fetch('taiga', 'comments', { kind: 'userstory', id }),
  )
  await tracker.close()
  expect(server.mentioned()).toEqual([])
}, 30_000)
