// The small program that every runtime runs: record, deliver to a local server, read back.
import { createTracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'

const wait = ms => new Promise(resolve => setTimeout(resolve, ms))

/** Records one session, delivers it to `url`, and returns what the store keeps of it. */
export const run = async ({ url, store }) => {
  const tracker = await createTracker({
    project: 'runtimes',
    user: 'u',
    store,
    adapters: [slack({ auth: 'webhook' })],
    secrets: () => `${url}/services/T000/B000/XXXXXXXXXXXXXXXX`,
  })
  try {
    const session = await tracker.start({ goal: 'Run on every runtime' })
    await tracker.drain({ timeoutMs: 120_000 })
    // The store looks at its file again after a second.
    await wait(1_200)
    await session.update('half way', { progress: 50 })
    await session.close({ summary: 'done', progress: 100 })
    await tracker.drain({ timeoutMs: 120_000 })
    const { status, progress } = await tracker.session(session.id).load()
    const states = (await tracker.deliveries()).map(({ state }) => state)
    return { status, progress, states }
  } finally {
    await tracker.close()
  }
}
