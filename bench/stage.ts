import type { AnyAdapter } from '@sessionwire/core/adapter'
import { linear } from '@sessionwire/linear'
import { slack } from '@sessionwire/slack'

/** The adapters that are measured, Slack and Linear first. */
export const benchAdapters = (): readonly AnyAdapter[] => [
  slack({ channel: 'C0123456789' }),
  linear({ teamId: '9cfb482a-81e3-4154-b5b9-2c805e70a02d' }),
]
