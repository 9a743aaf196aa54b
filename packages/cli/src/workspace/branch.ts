/** An adapter as far as the key of an issue depends on it. */
export type IssueAdapter = Readonly<{
  name: string
  config?: unknown
  refs?: readonly string[]
}>

const KEY = /(?:^|[/_.-])([A-Za-z][A-Za-z0-9]{0,19})-(\d{1,9})(?![A-Za-z0-9])/g

/** Issues that have a number alone have to be named as such: `gh-12`, `issue/12`. */
const NUMBER = /(?:^|\/)(?:gh|issues?)[-/](\d{1,9})(?![A-Za-z0-9])/i
const isRepository = (config: unknown): boolean =>
  typeof config === 'object' && config !== null && 'owner' in config && 'repo' in config

/** Keys of projects or teams that an adapter is set up for, in capitals. */
const keysOf = ({ config }: IssueAdapter): readonly string[] => {
  const { projectKey, teamId } = (config ?? {}) as Readonly<{ projectKey?: unknown; teamId?: unknown }>
  return [projectKey, teamId].flatMap(value =>
    typeof value === 'string' && /^[A-Za-z][A-Za-z0-9]{0,19}$/.test(value) ? [value.toUpperCase()] : [],
  )
}

/**
 * The issue that a branch names, by adapter: `feature/BIL-212-x` is BIL-212 of an adapter whose project or team is BIL. A
 * branch whose key no adapter is set up for names nothing, because `release-2` looks alike.
 */
export const issueOfBranch = (
  branch: string | undefined,
  adapters: readonly IssueAdapter[],
): Readonly<Record<string, Readonly<Record<string, string>>>> => {
  if (branch === undefined) return {}
  const found: Record<string, Record<string, string>> = {}
  const numbered = NUMBER.exec(branch)?.[1]
  for (const { name, config, refs = [] } of numbered === undefined ? [] : adapters)
    if (isRepository(config) && refs.includes('issue')) found[name] = { issue: numbered ?? '' }
  for (const [, prefix = '', number = ''] of branch.matchAll(KEY)) {
    const key = prefix.toUpperCase()
    for (const adapter of adapters) {
      const ref = adapter.refs?.find(each => each === 'issue')
      if (ref === undefined || found[adapter.name] !== undefined || !keysOf(adapter).includes(key)) continue
      found[adapter.name] = { [ref]: `${key}-${number}` }
    }
  }
  return found
}
