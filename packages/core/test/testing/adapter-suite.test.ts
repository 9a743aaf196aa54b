import { describe, expect, test } from 'vitest'
import { thin } from '../../../../test/sample.ts'
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
    refs: { root: 'n7' },
    failures: [{ kind: 'answer', status: 200, headers: {}, body: 'sorry' }],
    service: () => hostileNotes(TOKEN),
  })

describe('an adapter that keeps its promises', () => {
  test.for(thin(suite('none'), 'notes').map(check => [check.name, check] as const))('%s', ([, { run }]) =>
    run(),
  )
})

/** Each defect, a check that must see it, and what it says to do. */
// biome-ignore format: a table is read one line at a time
const DEFECTS: readonly (readonly [Defect, RegExp, string?])[] = [
  ['random key', /^plans the same twice/],
  ['random content', /^plans the same twice/],
  ['undefined in a plan', /^action note keeps/],
  ['half a character', /^action note keeps/],
  ['reads a secret', /^keeps every secret value out/],
  ['no look-up list', /^action note keeps/, 'has no `list`, so it cannot find nothing: say where the items are'],
  ['another capture', /^action note keeps/],
  ['the same capture twice', /^plans the same twice/],
  ['an undeclared limit', /^action note keeps/, 'which is not declared: name it in limits.rates'],
  ['an undeclared secret', /^action note keeps/, 'which is not in adapter.secrets: add it there'],
  ['text in the address', /^survives path in every text/],
  ['an open input', /^action note keeps/, 'note: input with an unknown key must be refused: make it with z.strictObject'],
  ['a wrong word for a guarantee', /^action note keeps/],
  ['crashes on odd replies', /^never fails over a reply/],
  ['believes every answer', /^never takes a failed reply/, 'took a failed reply for success: only a status from 200 to 299 is one: let outcome fall back to httpOutcome'],
  ['believes every answer', /^never takes a page of HTML/, 'note took a page of HTML for success: let outcome answer unknown where the body is not what the service gives, as httpOutcome does for pages'],
  ['believes every answer', /^never takes an error in the words/, 'note took an error for success: let outcome look at the body: it says that it failed'],
  ['no reason', /^never takes a failed reply/],
  ['silent options', /^refuses \{"unheardOf":1\}/],
  ['the wrong field', /^refuses \{"baseUrl":7\}/],
  ['its own name in refs', /^plans the same twice/],
  ['adopts nothing', /^takes up what refs name/],
  ['ignores when', /^plans nothing for what/, 'take an option `when`, a function, and hand it on as `when` of the adapter'],
  ['always from the environment', /^comes from the environment/],
  ['a look-up that finds nothing', /^finds again what was applied/],
  ['a look-up that finds anything', /^sends again what never arrived/],
  ['a card for each update', /^sends a whole session/],
  ['text too long for the service', /^sends long in every text/],
  ['an action that the service refuses', /^sends what every action/, 'an example that names something the service does not have needs `inputOf` of `service`'],
  ['a read of another shape', /^sends what every action/, 'list: answer.list: unexpected answer: [0].name: missing; expected a string'],
  ['a read of another list', /^sends what every action/, 'list: the answer has no list at /items'],
  ['a pointer that no read has', /^action list keeps/, '/before/0/item: unknown'],
  ['a check without a credential', /^checks its credential/, 'with a right and with a wrong credential, `check` meant delivered, delivered: it must need the credential'],
]

test.for(DEFECTS)('sees %s', async ([defect, name, told]) => {
  const checks = suite(defect).filter(check => name.test(check.name))
  expect(checks.map(check => check.name)).toHaveLength(1)
  await expect(checks[0]?.run()).rejects.toThrow(told)
})
