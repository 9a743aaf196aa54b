import type { Listed, Tracker } from '@sessionwire/core'
import { textOf } from './said.ts'

/** The events of one delivery. */
type Heard = { retried: boolean; doubted: boolean; found: boolean; dead: 'dead' | 'in doubt' | undefined }

/** How a delivery ended, and by what way, in words of the table. */
export type Way = string

const NAMES = [
  ...([
    'event',
    'planned',
    'delivered',
    'retry',
    'inDoubt',
    'dead',
    'paused',
    'unpaused',
    'drained',
  ] as const),
  'error',
] as const

/** Pauses that a delivery met, the longest first. */
const WAITS = [
  ['denied', 'paused'],
  ['down', 'paused'],
  ['throttled', 'waits'],
] as const

/** Listens to everything a tracker says. */
export const watch = (tracker: Tracker<Listed>, failed: () => void) => {
  const byKey = new Map<string, Heard>()
  const pauses = new Set<string>()
  const texts: string[] = []
  const of = (key: string): Heard => {
    const heard = byKey.get(key) ?? { retried: false, doubted: false, found: false, dead: undefined }
    byKey.set(key, heard)
    return heard
  }
  for (const name of NAMES)
    tracker.on(name, payload => {
      texts.push(JSON.stringify(payload))
      if ('error' in payload) texts.push(textOf(payload.error))
    })
  tracker.on('retry', ({ key }) => {
    of(key).retried = true
    failed()
  })
  tracker.on('inDoubt', ({ key }) => {
    of(key).doubted = true
    failed()
  })
  tracker.on('dead', ({ key, inDoubt }) => {
    of(key).dead = inDoubt ? 'in doubt' : 'dead'
    failed()
  })
  tracker.on('delivered', ({ key, lookedUp }) => {
    of(key).found = lookedUp
  })
  tracker.on('paused', ({ pause }) => {
    pauses.add(pause.kind)
    failed()
  })
  return {
    /** Everything that was said, also with errors. */
    texts: (): readonly string[] => texts,
    /** The way one delivery took; forgets the pauses it met. */
    way: (key: string): Way => {
      const { retried, doubted, found, dead } = of(key)
      const [waited] = WAITS.flatMap(([kind, words]) => (pauses.has(kind) ? [words] : []))
      pauses.clear()
      const then = (word: string): Way => (waited === undefined ? word : `${waited}, ${word}`)
      if (dead !== undefined) return then(dead === 'in doubt' ? 'kept in doubt' : 'dead letter')
      if (found) return then('found')
      if (doubted) return then('looked for, again')
      return retried || waited !== undefined ? then('again') : 'at once'
    },
  }
}
