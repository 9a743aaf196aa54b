import type { Probe } from '@sessionwire/core/adapter'
import { call } from './actions/call.ts'
import type { GithubConfig } from './config.ts'

/** Reads that prove the target of the hooks. The repository itself is read by the check. */
export const probes = (config: GithubConfig): readonly Probe[] => [
  {
    about: 'issues',
    lookup: { call: call(config, 'GET', '/issues', { query: { state: 'all', per_page: 1 } }) },
    todo: 'Give the token the permission Issues: read and write, and turn on issues in the settings of the repository.',
  },
  ...config.labels.map(label => ({
    about: `label ${label}`,
    lookup: { call: call(config, 'GET', `/labels/${encodeURIComponent(label)}`) },
    todo: `Create the label ${label} in the repository; GitHub sets labels only for tokens that may write to it.`,
  })),
]
