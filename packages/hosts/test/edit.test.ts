import { expect, test } from 'vitest'
import { findHooks, removeHooks } from '../src/install/edit.ts'

const OURS = '{ "hooks": [{ "command": "ours" }] }'
const remove = (text: string): string => removeHooks(text, 'settings.json', command => command === 'ours', [])

test.each([
  [
    'on one line with the next entry',
    `{ "hooks": { "Stop": [ // mine\n  ${OURS}, "theirs" ] } }`,
    '{ "hooks": { "Stop": [ // mine\n "theirs" ] } }',
  ],
  [
    'on lines of their own',
    `{ "hooks": { "Stop": [\r\n  // mine\r\n  ${OURS},\r\n  "theirs"\r\n] } }`,
    '{ "hooks": { "Stop": [\r\n  // mine\r\n  "theirs"\r\n] } }',
  ],
  [
    'several in a row, the last without a comma',
    `{ "hooks": { "Stop": ["theirs", // mine\n ${OURS}, // old\n ${OURS} ], "b": [1] } }`,
    '{ "hooks": { "Stop": ["theirs" // mine\n // old\n ], "b": [1] } }',
  ],
  [
    'an event that becomes empty',
    `{ "hooks": { // mine\n  "Stop": [${OURS}], "End": [1] } }`,
    '{ "hooks": { // mine\n "End": [1] } }',
  ],
  ['all hooks', `{ // mine\n  "hooks": { "Stop": [${OURS}, ${OURS}] } }`, '{ // mine\n }'],
])('removes entries of ours behind a comment, and swallows nothing: %s', (_, before, after) => {
  expect(remove(before)).toBe(after)
})

test('refuses settings that are nested too deeply to be read', () => {
  const text = `{ "a": ${'['.repeat(100_000)}${']'.repeat(100_000)} }`
  expect(() => findHooks(text, 'settings.json', () => true)).toThrow(
    'settings.json: nested too deeply. Fix the file; nothing was changed.',
  )
})
