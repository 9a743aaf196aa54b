import { type CustomCall, type Descriptor, plan } from '@sessionwire/core/adapter'
import { story } from '@sessionwire/core/testing'
import { expect, test } from 'vitest'
import { type FilesOptions, files } from '../src/index.ts'

type Payload = Readonly<{
  path: string
  patch: Readonly<{ create: string; block: { text: string }; entry: { heading: string } }>
}>

/** Payloads by action of the start of a session. */
const startOf = (options: Partial<FilesOptions>, text?: string) => {
  const adapter = files({ root: '/vault', timeZone: 'UTC', ...options })
  const planned = story({ ...(text === undefined ? {} : { text }), hooks: [] }).flatMap(
    ({ event, session }) => plan(adapter, event, session) as readonly (Descriptor & CustomCall)[],
  )
  return Object.fromEntries(planned.map(({ action, payload }) => [action, payload as unknown as Payload]))
}

test('dailyFolder, dailyFormat and dailyHeading say where the lines of the day stand', () => {
  const options = { daily: true, dailyFolder: 'Days', dailyFormat: 'YYYY/MM-DD', dailyHeading: 'Work log' }
  const { addDailyLine } = startOf(options)
  expect(addDailyLine?.path).toBe('Days/2026/01-01.md')
  expect(addDailyLine?.patch.create).toMatch(/^## Work log\n\n- /)
  expect(addDailyLine?.patch.entry.heading).toBe('Work log')
  expect(startOf({ daily: true }).addDailyLine).toMatchObject({
    path: '2026-01-01.md',
    patch: { entry: { heading: 'Sessions' } },
  })
  expect(startOf({}).addDailyLine).toBeUndefined()
})

test('links shows addresses as code, or as links', () => {
  const textOf = (options: Partial<FilesOptions>) =>
    startOf(options, 'see https://example.com/a_b now').createNote?.patch.block.text
  expect(textOf({})).toContain('see `https://example.com/a_b` now')
  expect(textOf({ links: 'live' })).toContain('see <https://example.com/a_b> now')
})

test('maxLength bounds the card', () => {
  const lengthOf = (maxLength: number) =>
    startOf({ maxLength }, 'word '.repeat(2_000)).createNote?.patch.block.text.length
  expect(lengthOf(1_000)).toBeLessThanOrEqual(1_000)
  expect(lengthOf(3_000)).toBeGreaterThan(2_000)
  expect(lengthOf(3_000)).toBeLessThanOrEqual(3_000)
})
