import { createTracker, memoryStore, type Session, type Tracker } from '@sessionwire/core'
import { slack } from '@sessionwire/slack'

/** A tracker whose cards are planned and not sent. */
export const makeTracker = (): Promise<Tracker> =>
  createTracker({
    project: 'billing',
    user: 'Ada',
    machine: false,
    store: memoryStore(),
    adapters: [slack({ channel: 'C0123456789', mode: 'preview' })],
  })

/** What tests compare of a session. */
const tell = ({ agent, title, status, entities, blockers, usage, summary }: Session) => ({
  ...{ agent, title, status, usage, summary },
  files: entities.map(({ type, name }) => `${type} ${name}`),
  blockers: blockers.map(({ description, resolution }) => [description, resolution ?? 'open']),
})

/** Every session of a tracker, the oldest first. */
export const tellAll = async (tracker: Tracker) => {
  const found = [...(await tracker.sessions())].reverse()
  return Promise.all(found.map(async ({ id }) => tell(await tracker.session(id).load())))
}

/** Messages of all sessions, the oldest first. */
export const tellMessages = async (tracker: Tracker) => {
  const { messages } = await tracker.messages({ project: 'billing' })
  return messages.map(({ role, content }) => `${role}: ${content}`).reverse()
}

/** Everything that would be sent, as one text. */
export const tellSent = async (tracker: Tracker) => {
  const found = await tracker.sessions()
  return JSON.stringify(await Promise.all(found.map(({ id }) => tracker.preview(id))))
}
