import { expect, it } from 'vitest'
import { judgeMessage } from '../../scripts/commits/judge.ts'

const BODY = '\n\nThe reason.\n'

it.each([
  ['core: let check prove the targets', []],
  ['core/store: keep one window', []],
  ['core: process what waits', []],
  ['core: bring back the window', []],
  ['Formatted', ['subject: expected "scope: imperative", with a scope in lower case']],
  ['Core: keep it', ['subject: expected "scope: imperative", with a scope in lower case']],
  ['core: Keep it', ['subject: expected a verb in lower case after "core: ", got "Keep"']],
  ['core: added a window', ['subject: expected an imperative, got "added"']],
  ['core: adding a window', ['subject: expected an imperative, got "adding"']],
  ['core: adds a window', ['subject: expected an imperative, got "adds"']],
  ['core: keep it.', ['subject: ends with punctuation']],
  [`core: keep ${'x'.repeat(70)}`, ['subject: too long; expected at most 72 characters, got 81']],
] as const)('%s', (subject, problems) => {
  expect(judgeMessage(subject + BODY)).toEqual(problems)
})

it('wants an empty line between the subject and the reason', () => {
  expect(judgeMessage('format: apply biome\n')).toEqual([])
  expect(judgeMessage('core: keep it\nat once\n')).toEqual(['body: expected an empty line below the subject'])
})
