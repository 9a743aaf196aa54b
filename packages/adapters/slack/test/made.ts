import { type Descriptor, plan, type SessionEvent } from '@sessionwire/core/adapter'
import { type Moment, type StoryOptions, story } from '@sessionwire/core/testing'
import { type SlackAdapter, type SlackOptions, slack } from '../src/index.ts'

export const CHANNEL = 'C0123456789'
export const KEY = 'event/slack/0'

/** An adapter with the smallest options, and these. */
export const made = (options: Partial<SlackOptions> = {}): SlackAdapter =>
  slack({ channel: CHANNEL, ...options })

/** A story's moments by the event's type: the first of each. */
const moment = (type: SessionEvent['type'], options: StoryOptions = {}): Moment => {
  const found = story(options).find(({ event }) => event.type === type)
  if (found === undefined) throw new Error(`no ${type} in the story`)
  return found
}

/** What is planned for the first event of a type. */
export const planned = (
  type: SessionEvent['type'],
  adapter: SlackAdapter = made(),
  options: StoryOptions = {},
): readonly Descriptor[] => {
  const { event, session } = moment(type, options)
  return plan(adapter, event, session)
}
