import assert from 'node:assert/strict'
import { LONG_BYTES } from '../session/text.ts'
import { actionsOf, build, planStory, refuses, textsIn, withText } from './adapter-checks.ts'
import type { AdapterSuiteOptions, SuiteCheck } from './adapter-suite.ts'
import { story } from './story.ts'

/** Controls and characters of direction, as JSON writes them or as they are; line ends and tabs may stay. */
const UNSEEN = /\\u00[01][0-9a-f]|\\[bf]|[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

/** Texts that make a slow expression slow, by what it stumbles over. */
export const ADVERSARIAL = [
  ' ',
  '\n',
  // Lines begin behind these too, and they are spaces that a set without `\n` still has.
  '\r',
  '\u2028',
  '`',
  '*_',
  '<',
  '&lt;',
  '[](',
  'a@',
  ':a',
  'http://',
  '- ',
  '\u202e',
  '\\',
  '{{',
  '\ud83d',
]

/** Processor time of this thread, or of the process before Node 23.9: on a busy machine the clock measures the others. */
const readUsage = (from?: NodeJS.CpuUsage): NodeJS.CpuUsage =>
  (process.threadCpuUsage ?? process.cpuUsage)(from)

const timeOf = (run: () => void): number => {
  const from = readUsage()
  run()
  return readUsage(from).user / 1_000
}

/** Runs that are shorter say nothing about growth, ms: at this length a quadratic expression takes seconds. */
const TOO_SHORT_MS = 100
/** Anything else the machine does makes a run longer and none shorter: only growth that stays in every run counts. */
const TRIES = 8

/** How many times as long the second run takes as the first; 1 where it is too short to tell. */
export const measureGrowth = (once: () => void, twice: () => void): number => {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let turn = 0; turn < TRIES; turn++) {
    most = Math.min(most, timeOf(twice))
    if (most < TOO_SHORT_MS) return 1
    least = Math.min(least, timeOf(once))
    if (most <= least * 2.5) return most / least
  }
  return most / least
}

/** Checks of texts: they neither slow an adapter down out of proportion nor hide anything in its output. */
export const growthChecks = ({ make }: AdapterSuiteOptions): readonly SuiteCheck[] => {
  const adapter = make()
  const actions = Object.values(actionsOf(adapter))
  const write = (text: string) => {
    planStory(adapter, story({ text }))
    for (const action of actions)
      for (const place of textsIn(action.example))
        refuses(() => void build(adapter, action, withText(action.example, place, text)))
  }
  return [
    ...ADVERSARIAL.map(piece => ({
      name: `takes at most 2.5 times as long for twice as much of ${JSON.stringify(piece)}`,
      run: async () => {
        // An end that does not fit makes a careless expression try every place before it.
        const text = `${piece.repeat(LONG_BYTES / piece.length)}x`
        const growth = measureGrowth(
          () => write(text),
          () => write(text + text),
        )
        assert.ok(
          growth <= 2.5,
          `twice ${JSON.stringify(piece)} takes ${growth.toFixed(1)} times as long: an expression is quadratic`,
        )
      },
    })),
    {
      name: 'lets no control character and no change of direction into any text',
      run: async () => {
        const text = 'a\u202eb\u2066c\u0007d\u001b[31me\u0085f\u2069'
        assert.doesNotMatch(JSON.stringify(planStory(adapter, story({ text }))), UNSEEN)
        for (const action of actions)
          for (const place of textsIn(action.example))
            refuses(() =>
              assert.doesNotMatch(
                JSON.stringify(build(adapter, action, withText(action.example, place, text))),
                UNSEEN,
                `${action.action}: ${place.join('.')}`,
              ),
            )
      },
    },
  ]
}
