import { expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import { jira } from '../src/index.ts'

const site = { baseUrl: 'https://example.atlassian.net', projectKey: 'ENG' }

test('the name is the one that was given', () => {
  expectTypeOf(jira(site).name).toEqualTypeOf<'jira'>()
  expectTypeOf(jira({ ...site, as: 'ops' }).name).toEqualTypeOf<'ops'>()
  expectTypeOf(jira.fromEnv()?.name).toEqualTypeOf<'jira' | undefined>()
})

test('misuse does not compile', () => {
  // @ts-expect-error the project is needed
  jira({ baseUrl: 'https://example.atlassian.net' })
  // @ts-expect-error an option nobody knows
  jira({ ...site, project: 'ENG' })
  // @ts-expect-error a hook that moves nothing
  jira({ ...site, statuses: { update: 'Done' } })
  // @ts-expect-error there is no version 4
  jira({ ...site, apiVersion: 4 })
  const { actions } = jira(site)
  // @ts-expect-error a comment needs a body
  actions.createComment({ issue: 'ENG-12' })
  // @ts-expect-error a block of no kind
  actions.createComment({ body: [{ text: 'x' }] })
  // @ts-expect-error a version belongs to a project
  actions.createVersion({ name: '2.1' })
  // @ts-expect-error a read is no step
  actions.getIssue({ issue: 'ENG-12' })
})

test('reads know what they give', () => {
  const { actions } = jira(site)
  expectTypeOf<z.output<typeof actions.search.output>[number]['key']>().toEqualTypeOf<string>()
  expectTypeOf<z.output<typeof actions.getIssue.output>['key']>().toEqualTypeOf<string>()
  expectTypeOf<z.output<typeof actions.listProjects.output>[number]['key']>().toEqualTypeOf<string>()
})
