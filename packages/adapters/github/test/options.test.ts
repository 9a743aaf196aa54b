import { type Descriptor, type HttpCall, plan } from '@sessionwire/core/adapter'
import { story } from '@sessionwire/core/testing'
import { expect, test } from 'vitest'
import { type GithubOptions, github } from '../src/index.ts'

const COMMIT = 'a'.repeat(40)

/** Payloads by action of a story, with the newest where an action is planned twice. */
const payloadsOf = (options: Partial<GithubOptions>, text?: string) => {
  const adapter = github({ owner: 'acme', repo: 'billing', ...options })
  const planned = story({
    ...(text === undefined ? {} : { text }),
    hooks: ['decision'],
    refs: { github: { commit: COMMIT } },
  }).flatMap(({ event, session }) => plan(adapter, event, session) as readonly (Descriptor & HttpCall)[])
  return Object.fromEntries(planned.map(({ action, payload }) => [action, payload]))
}

test.each([
  ['status', 'setCheckStatus', 'context'],
  ['run', 'createCheck', 'name'],
] as const)('checkName names the check of kind %s', (check, action, field) => {
  expect(payloadsOf({ check, checkName: 'nightly' })[action]).toMatchObject({ [field]: 'nightly' })
  expect(payloadsOf({ check })[action]).toMatchObject({ [field]: 'sessionwire' })
})

test('maxLength bounds the description and comments, marks and provenance included', () => {
  const text = 'word '.repeat(2_000)
  const bodyOf = (maxLength: number) => (payloadsOf({ maxLength }, text).createCard as { body: string }).body
  expect(bodyOf(1_000).length).toBeLessThanOrEqual(1_000)
  expect(bodyOf(1_000).length).toBeGreaterThan(600)
  expect(bodyOf(3_000).length).toBeGreaterThan(2_000)
  expect(bodyOf(3_000).length).toBeLessThanOrEqual(3_000)
})
