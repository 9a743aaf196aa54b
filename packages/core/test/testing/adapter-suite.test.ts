import { describe, expect, test } from 'vitest'
import { adapterSuite } from '../../src/testing.ts'
import { hostileNotes } from './hostile-notes.ts'
import { type Defect, notes, notesFromEnv } from './notes.ts'

const TOKEN = 'canary-7d21'

const suite = (defect: Defect) =>
  adapterSuite({
    make: (options = {}) => notes(options, defect),
    secrets: { NOTES_TOKEN: TOKEN },
    fromEnv: { make: notesFromEnv(defect), settings: {} },
    wrong: [{ options: { baseUrl: 7 }, field: 'baseUrl' }],
    handedOver: { root: 'n7' },
    failures: [{ kind: 'answer', status: 200, headers: {}, body: 'sorry' }],
    service: () => hostileNotes(TOKEN),
  })

describe('an adapter that keeps its promises', () => {
  test.for(suite('none').map(check => [check.name, check] as const))(
    '%s',
    { timeout: 30_000 },
    ([, { run }]) => run(),
  )
})

/** Each defect, and a check that must see it. */
const DEFECTS: readonly (readonly [Defect, RegExp])[] = [
  ['random key', /^plans the same twice/],
  ['random content', /^plans the same twice/],
  ['undefined in a plan', /^action note keeps/],
  ['half a character', /^action note keeps/],
  ['reads a secret', /^keeps every secret value out/],
  ['no look-up list', /^action note keeps/],
  ['another capture', /^action note keeps/],
  ['the same capture twice', /^plans the same twice/],
  ['a state without a name', /^plans the same twice/],
  ['an undeclared limit', /^action note keeps/],
  ['an undeclared secret', /^action note keeps/],
  ['text in the address', /^survives path in every text/],
  ['an open input', /^action note keeps/],
  ['a wrong word for a guarantee', /^action note keeps/],
  ['crashes on odd replies', /^never fails over a reply/],
  ['believes every answer', /^never takes a failed reply/],
  ['believes every answer', /^never takes a page of HTML/],
  ['believes every answer', /^never takes an error in the words/],
  ['no reason', /^never takes a failed reply/],
  ['silent options', /^refuses \{"unheardOf":1\}/],
  ['the wrong field', /^refuses \{"baseUrl":7\}/],
  ['its own name in refs', /^plans the same twice/],
  ['adopts nothing', /^adopts what start hands over/],
  ['ignores when', /^plans nothing for what/],
  ['always from the environment', /^comes from the environment/],
  ['a look-up that finds nothing', /^finds again what was applied/],
  ['a look-up that finds anything', /^sends again what never arrived/],
  ['a card for each update', /^sends a whole session/],
  ['text too long for the service', /^sends hostile text/],
  ['a check without a credential', /^checks its credential/],
]

test.for(DEFECTS)('sees %s', { timeout: 30_000 }, async ([defect, name]) => {
  const checks = suite(defect).filter(check => name.test(check.name))
  expect(checks.map(check => check.name)).toHaveLength(1)
  await expect(checks[0]?.run()).rejects.toThrow()
})
