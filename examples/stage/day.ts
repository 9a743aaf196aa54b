import type { SessionHandle, Tracker } from '@sessionwire/core'

/** A short day of work, as an agent would record it. */
export const day = async (tracker: Tracker): Promise<SessionHandle> => {
  const session = await tracker.start({ goal: 'Stop double charging', agent: 'fixer', progress: 20 })
  await session.update('Reproduced with two parallel webhooks', {
    progress: 35,
    nextSteps: ['Find the lock'],
  })
  await session.decide('Lock per invoice', {
    rationale: 'Stripe retries within seconds',
    alternatives: ['One global lock'],
  })
  const blocker = await session.block('No staging key', { category: 'external', severity: 'high' })
  await blocker.resolve('Key issued by ops')
  await session.entity({ name: 'InvoiceLock', type: 'class', path: 'src/lock.ts' })
  return session
}

/** What became of a session's deliveries, a line each. */
export const deliveries = async (tracker: Tracker, sessionId: string): Promise<string> => {
  const all = await tracker.deliveries({ lane: sessionId })
  const lines = all
    .filter(each => each.state !== 'replaced')
    .map(
      each =>
        `  ${each.action.padEnd(20)} ${each.state}${each.attempts > 1 ? ` at attempt ${each.attempts}` : ''}`,
    )
  const replaced = all.length - lines.length
  return [
    ...lines,
    ...(replaced === 0 ? [] : [`  ${replaced} edits were replaced by newer ones before they were sent`]),
  ].join('\n')
}
