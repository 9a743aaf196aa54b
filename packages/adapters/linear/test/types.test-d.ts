import { expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import { linear } from '../src/index.ts'

test('the name is the one that was given', () => {
  expectTypeOf(linear({ teamId: 'BIL' }).name).toEqualTypeOf<'linear'>()
  expectTypeOf(linear({ as: 'work', teamId: 'BIL' }).name).toEqualTypeOf<'work'>()
  expectTypeOf(linear.fromEnv()?.name).toEqualTypeOf<'linear' | undefined>()
})

test('misuse does not compile', () => {
  // @ts-expect-error the team is needed
  linear({})
  // @ts-expect-error an option nobody knows
  linear({ teamId: 'BIL', team: 'BIL' })
  // @ts-expect-error a hook that moves nothing
  linear({ teamId: 'BIL', statuses: { update: 'Todo' } })
  // @ts-expect-error a mode nobody knows
  linear({ teamId: 'BIL', updates: 'all' })
  // @ts-expect-error priorities are 0 to 4
  linear({ teamId: 'BIL', priority: 5 })
  const { actions } = linear({ teamId: 'BIL' })
  // @ts-expect-error a comment needs its body
  actions.createComment({ issue: 'BIL-1' })
  // @ts-expect-error an unknown health
  actions.createProjectUpdate({ body: 'x', health: 'good' })
  // @ts-expect-error a read is no step
  actions.getIssue({ issue: 'BIL-212' })
})

test('reads know what they give', () => {
  const { actions } = linear({ teamId: 'BIL' })
  type Issue = z.output<typeof actions.getIssue.output>
  expectTypeOf<Issue['identifier']>().toEqualTypeOf<string>()
  expectTypeOf<z.output<typeof actions.listTeams.output>[number]['key']>().toEqualTypeOf<string>()
})
