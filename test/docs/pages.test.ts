import { expect, test } from 'vitest'
import { readKnown, wrongCommands } from '../../scripts/docs/commands.ts'
import { deadLinks, webProblem, wrongAddresses } from '../../scripts/docs/links.ts'
import { readPages } from '../../scripts/docs/pages.ts'
import { readPackages } from '../../scripts/packages/workspace.ts'

const pages = readPages()

test('every relative link leads somewhere', () => {
  expect(deadLinks(pages)).toEqual([])
})

test('every address of the web has the right form, and those of this repository lead somewhere', () => {
  expect(wrongAddresses(pages)).toEqual([])
})

const REPOSITORY = 'https://github.com/sessionwire/sessionwire'

test.each([
  ['https://linear.app/developers/rate-limiting', undefined],
  [REPOSITORY, undefined],
  [`${REPOSITORY}/issues`, undefined],
  [`${REPOSITORY}/blob/main/SECURITY.md`, undefined],
  [`${REPOSITORY}/tree/main/packages/core#readme`, undefined],
  [`${REPOSITORY}/blob/main/docs/guide/delivery.md#dead-letters`, undefined],
  [`${REPOSITORY}/blob/main/docs/guide/delivery.md#live-ones`, 'has no heading for #live-ones'],
  [`${REPOSITORY}/blob/main/NOWHERE.md`, 'is not there: this repository has no NOWHERE.md'],
  [`${REPOSITORY}/blob/main/docs`, 'is a folder: tree'],
  [`${REPOSITORY}/tree/main/SECURITY.md`, 'is a file: blob'],
  [`${REPOSITORY}/blob/master/SECURITY.md`, 'names the branch master'],
  [`${REPOSITORY}/isues`, 'is not a known place of this repository'],
  ['http://linear.app', 'is not https'],
  ['file:///x', 'is not https'],
  ['https://ada@linear.app', 'names a user'],
  ['https://linear.app/{team}', 'has a gap to fill in'],
  ['https://', 'is not an address'],
  ['https://example.com/a', 'is a placeholder: write it as code'],
  ['https://jira.example.com', 'is a placeholder: write it as code'],
  ['https://plank.example', 'is a placeholder: write it as code'],
  ['https://your-site.atlassian.net', 'is a placeholder: write it as code'],
  ['https://localhost:8080', 'is a placeholder: write it as code'],
  ['https://127.0.0.1', 'is a placeholder: write it as code'],
])('of the address %s: %s', (target, problem) => {
  expect(webProblem(target)).toBe(problem)
})

test('addresses are found in links, between angles and bare, and not in code', () => {
  const text =
    '# a\n\n[b](http://b.dev) <http://c.dev/d> http://e.dev/f, `http://g.dev`\n\n```sh\nhttp://h.dev\n```\n'
  expect(wrongAddresses([{ path: 'x.md', text }])).toEqual([
    'x.md:3: http://b.dev is not https',
    'x.md:3: http://c.dev/d is not https',
    'x.md:3: http://e.dev/f is not https',
  ])
})

test.each(readPackages().map(({ folder, manifest }) => [folder, manifest] as const))(
  'the addresses of %s are its own',
  (folder, { homepage, bugs, repository }) => {
    expect([webProblem(String(homepage)), webProblem(String(bugs))]).toEqual([undefined, undefined])
    expect(homepage).toBe(`${REPOSITORY}/tree/main/${folder}#readme`)
    expect(repository).toEqual({ type: 'git', url: `git+${REPOSITORY}.git`, directory: folder })
  },
)

test('every command of a page is one this workspace has', () => {
  expect(wrongCommands(pages, readKnown())).toEqual([])
})
