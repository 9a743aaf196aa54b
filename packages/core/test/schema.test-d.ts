import { expectTypeOf, test } from 'vitest'
import type { Called, Hook, HookPayloads, Inputs, RecordedHook } from '../src/session/schema.ts'
import type { LIST_OF } from '../src/session/session.ts'

test('a payload is what its schema gives', () => {
  expectTypeOf<HookPayloads['update']>().toEqualTypeOf<{
    readonly description: string
    readonly progress?: number
    readonly tags: readonly string[]
    readonly nextSteps?: readonly string[]
    readonly goal?: string
    readonly usage?: NonNullable<HookPayloads['update']['usage']>
    readonly author?: Readonly<{ kind: 'person' | 'model'; name?: string }>
  }>()
  expectTypeOf<Inputs['blocker']['severity']>().toEqualTypeOf<'low' | 'medium' | 'high' | 'critical'>()
  expectTypeOf<HookPayloads['blocker']>().toHaveProperty('blockerId')
})

test('tables over hooks are total', () => {
  expectTypeOf<keyof HookPayloads>().toEqualTypeOf<Hook>()
  expectTypeOf<keyof typeof LIST_OF>().toEqualTypeOf<RecordedHook>()
  // @ts-expect-error a table that leaves out a hook does not compile
  const table: Record<Hook, number> = { init: 0, start: 1, update: 2, decision: 3, entity: 4, blocker: 5 }
  // @ts-expect-error nor does one of calls
  const calls: Record<Called, string> = { start: '', update: '' }
  expectTypeOf([table, calls]).not.toBeAny()
})

test('a field that is required must be given', () => {
  // @ts-expect-error `tags` has a default in the input and none in the payload
  const payload: HookPayloads['update'] = { description: 'x' }
  expectTypeOf(payload).not.toBeAny()
})
