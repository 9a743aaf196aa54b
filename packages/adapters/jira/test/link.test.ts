import { expect, test } from 'vitest'
import { jira } from '../src/index.ts'

const site = jira({ baseUrl: 'https://acme.atlassian.net/', projectKey: 'ENG' })
const gateway = jira({ cloudId: '11111111-2222-4333-8444-555555555555', projectKey: 'ENG' })
const both = jira({
  cloudId: '11111111-2222-4333-8444-555555555555',
  baseUrl: 'https://acme.atlassian.net/',
  projectKey: 'ENG',
})
const server = jira({ baseUrl: 'https://jira.example.com/jira', projectKey: 'ENG', deployment: 'datacenter' })
const ENG_12 = { name: 'ENG-12', url: 'https://acme.atlassian.net/browse/ENG-12' }

test.each([
  ['its own issue', site, {}, { issue: 'ENG-12', issueId: '10010' }, ENG_12],
  ['an issue that was handed over', site, { issue: 'ENG-12' }, { comment: '10042' }, ENG_12],
  ['one that is known by its number only', site, { issue: '10010' }, {}, undefined],
  ['one that is not there yet', site, {}, {}, undefined],
  ['an answer that was no key', site, {}, { issue: 'ENG-12/../../x' }, undefined],
  ['the gateway, which has no pages', gateway, {}, { issue: 'ENG-12' }, undefined],
  ['the gateway, with the site beside it', both, {}, { issue: 'ENG-12' }, ENG_12],
  [
    'a server below a path',
    server,
    {},
    { issue: 'ENG-12' },
    { name: 'ENG-12', url: 'https://jira.example.com/jira/browse/ENG-12' },
  ],
])('links %s', (_, adapter, refs, captured, expected) => {
  expect(adapter.link?.({ refs, captured })).toEqual(expected)
})
