import type { Json } from '@sessionwire/core/adapter'

/** Bodies of answers with every field that GitHub's OpenAPI document requires. */

type Fields = Readonly<Record<string, Json>>

/** Addresses below a root: `names` are the fields, `<name>_url` becomes `<root>/<name>`. */
const addresses = (root: string, names: readonly string[]): Fields =>
  Object.fromEntries(names.map(name => [`${name}_url`, `${root}/${name}`]))

/** How the addresses of a repository begin. */
export type Place = Readonly<{
  /** Of the API, without a slash at its end. */
  api: string
  /** Of the pages that people open. */
  web: string
  /** `owner/name`. */
  repository: string
}>

/** A user as it stands in other things. */
export const userBody = (login: string, { api, web }: Pick<Place, 'api' | 'web'>): Fields => ({
  login,
  id: 583_231,
  node_id: 'MDQ6VXNlcjU4MzIzMQ==',
  avatar_url: `${web}/images/${login}.gif`,
  gravatar_id: '',
  url: `${api}/users/${login}`,
  html_url: `${web}/${login}`,
  ...addresses(`${api}/users/${login}`, [
    ...['followers', 'following', 'gists', 'starred', 'subscriptions', 'organizations', 'repos', 'events'],
    'received_events',
  ]),
  type: 'User',
  site_admin: false,
})

/** The user that a token belongs to, as `GET /user` gives it. */
export const publicUserBody = (login: string, place: Place, at: string): Fields => ({
  ...userBody(login, place),
  ...{ name: null, company: null, blog: null, location: null, email: null, hireable: null, bio: null },
  ...{ public_repos: 1, public_gists: 0, followers: 0, following: 0, created_at: at, updated_at: at },
})

/** A label. */
export const labelBody = (name: string, { api, repository }: Place): Fields => ({
  id: 208_045_946,
  node_id: 'MDU6TGFiZWwyMDgwNDU5NDY=',
  url: `${api}/repos/${repository}/labels/${encodeURIComponent(name)}`,
  name,
  description: null,
  color: 'f29513',
  default: false,
})

/** The repository. */
export const repositoryBody = (place: Place, at: string, mayWrite: boolean): Fields => {
  const { api, web, repository } = place
  const [owner = '', name = ''] = repository.split('/')
  const root = `${api}/repos/${repository}`
  const page = `${web}/${repository}`
  return {
    id: 1_296_269,
    node_id: 'MDEwOlJlcG9zaXRvcnkxMjk2MjY5',
    name,
    full_name: repository,
    owner: userBody(owner, place),
    private: true,
    html_url: page,
    description: null,
    fork: false,
    url: root,
    ...addresses(root, [
      ...['archive', 'assignees', 'blobs', 'branches', 'collaborators', 'comments', 'commits', 'compare'],
      ...[
        'contents',
        'contributors',
        'deployments',
        'downloads',
        'events',
        'forks',
        'git_commits',
        'git_refs',
      ],
      ...[
        'git_tags',
        'hooks',
        'issue_comment',
        'issue_events',
        'issues',
        'keys',
        'labels',
        'languages',
        'merges',
      ],
      ...['milestones', 'notifications', 'pulls', 'releases', 'stargazers', 'statuses', 'subscribers'],
      ...['subscription', 'tags', 'teams', 'trees'],
    ]),
    clone_url: `${page}.git`,
    git_url: `git:${page.slice(page.indexOf('//'))}.git`,
    ssh_url: `git@example.com:${repository}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    default_branch: 'main',
    ...{ forks: 0, forks_count: 0, size: 1, stargazers_count: 0, watchers: 0, watchers_count: 0 },
    ...{ network_count: 0, subscribers_count: 0, open_issues: 0, open_issues_count: 0 },
    ...{ has_issues: true, has_projects: false, has_wiki: false, has_pages: false, has_discussions: false },
    ...{ archived: false, disabled: false, pushed_at: at, created_at: at, updated_at: at },
    permissions: { admin: false, maintain: false, push: mayWrite, triage: mayWrite, pull: true },
  }
}

/** A check run. */
export const checkBody = (
  run: Readonly<{
    id: number
    name: string
    sha: string
    externalId: string
    status: string
    conclusion: string | null
    detailsUrl: string | null
    output: Readonly<{ title: string | null; summary: string | null }>
    startedAt: string
    completedAt: string | null
  }>,
  { api, web, repository }: Place,
): Fields => ({
  id: run.id,
  node_id: 'MDg6Q2hlY2tSdW40',
  head_sha: run.sha,
  external_id: run.externalId,
  url: `${api}/repos/${repository}/check-runs/${run.id}`,
  html_url: `${web}/${repository}/runs/${run.id}`,
  details_url: run.detailsUrl,
  status: run.status,
  conclusion: run.conclusion,
  started_at: run.startedAt,
  completed_at: run.completedAt,
  output: {
    ...run.output,
    text: null,
    annotations_count: 0,
    annotations_url: `${api}/repos/${repository}/check-runs/${run.id}/annotations`,
  },
  name: run.name,
  check_suite: { id: 5 },
  app: null,
  pull_requests: [],
})

/** A pull request as a list has it; `whole` adds what only a single one has. */
export const pullBody = (
  issue: Fields,
  pull: Readonly<{ number: number; head: string; base: string; sha: string; draft: boolean }>,
  place: Place,
  whole: boolean,
): Fields => {
  const { api, web, repository } = place
  const root = `${api}/repos/${repository}`
  const page = `${web}/${repository}/pull/${pull.number}`
  const own = `${root}/pulls/${pull.number}`
  const at = String(issue.created_at)
  const [owner = ''] = repository.split('/')
  const branch = (given: string, sha: string) => ({
    label: given.includes(':') ? given : `${owner}:${given}`,
    ref: given.replace(/^.*:/, ''),
    sha,
    user: userBody(owner, place),
    repo: { ...repositoryBody(place, at, true), template_repository: null, has_downloads: true },
  })
  const link = (href: string) => ({ href })
  const { comments: _, events_url: __, labels_url: ___, repository_url: ____, ...shared } = issue
  return {
    ...shared,
    url: own,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: `${root}/issues/${pull.number}`,
    commits_url: `${own}/commits`,
    review_comments_url: `${own}/comments`,
    review_comment_url: `${root}/pulls/comments{/number}`,
    comments_url: `${root}/issues/${pull.number}/comments`,
    statuses_url: `${root}/statuses/${pull.sha}`,
    labels: [],
    merged_at: null,
    merge_commit_sha: null,
    draft: pull.draft,
    head: branch(pull.head, pull.sha),
    base: branch(pull.base, 'c3d0be41ecbe669545ee3e94d31ed9a4bc91ee3c'),
    _links: {
      self: link(own),
      html: link(page),
      issue: link(`${root}/issues/${pull.number}`),
      comments: link(`${root}/issues/${pull.number}/comments`),
      review_comments: link(`${own}/comments`),
      review_comment: link(`${root}/pulls/comments{/number}`),
      commits: link(`${own}/commits`),
      statuses: link(`${root}/statuses/${pull.sha}`),
    },
    author_association: 'OWNER',
    auto_merge: null,
    ...(whole
      ? {
          ...{ merged: false, mergeable: true, mergeable_state: 'clean', merged_by: null },
          ...{ comments: 0, review_comments: 0, maintainer_can_modify: false },
          ...{ commits: 1, additions: 1, deletions: 0, changed_files: 1 },
        }
      : {}),
  }
}
