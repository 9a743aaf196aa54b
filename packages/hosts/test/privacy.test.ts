import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DEFAULT_RECALL } from '../src/ingest/recall.ts'
import { fold, tick } from '../src/mapping/fold.ts'
import { momentOf } from '../src/mapping/moments.ts'
import { type CapturePolicy, DEFAULT_CAPTURE } from '../src/mapping/policy.ts'
import type { State } from '../src/mapping/state.ts'
import { linesOf, recorded } from './stage.ts'

/** The page says what is captured; it is held against what the mapping does with everything that real hosts sent. */
const page = readFileSync(join(import.meta.dirname, '../../../docs/guide/privacy.md'), 'utf8')
const source = (path: string): string => readFileSync(join(import.meta.dirname, '../src', path), 'utf8')

const codeIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
const rowsOf = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter(line => line.startsWith('|') && !/^\|\s*-/.test(line))
    .slice(1)
    .map(line => line.split('|').slice(1, -1))
const table = rowsOf(/<!-- captured:begin -->([\s\S]*)<!-- captured:end -->/.exec(page)?.[1] ?? '')

const HOSTS = ['claude', 'codex', 'gemini', 'copilot'] as const
const lines = HOSTS.flatMap(host => linesOf(recorded(host)))
const POLICIES: readonly Partial<CapturePolicy>[] = [{}, { text: 'summary', todos: 'steps' }]

/** Kinds of records that each moment made, over all recorded runs; those that any event may cause are left out. */
const ANYWHERE = new Set(['start', 'resume', 'close', 'resolve', 'mirror'])
const made = new Map<string, Set<string>>()
for (const policy of POLICIES.map(each => ({ ...DEFAULT_CAPTURE, ...each }))) {
  const states = new Map<string, State | undefined>()
  for (const line of lines) {
    const name = `${line.host}/${line.session}`
    const { state, steps } = fold(states.get(name), line, policy)
    states.set(name, state)
    const moment = momentOf(line) ?? ''
    const kinds = made.get(moment) ?? new Set()
    for (const { record } of steps) if (!ANYWHERE.has(record.kind)) kinds.add(record.kind)
    if (state !== undefined)
      for (const { record } of tick(state, line.t + 61_000, policy).steps)
        if (record.kind === 'block') kinds.add('block')
    if (moment !== '') made.set(moment, kinds)
  }
}

test('every moment of the mapping has a row, and no row another', () => {
  const moments = /export type Moment =([\s\S]*?)\n\n/.exec(source('mapping/moments.ts'))?.[1] ?? ''
  const named = table.flatMap(([first = '']) => codeIn(first))
  expect([...new Set(named)].sort()).toEqual(
    [...moments.matchAll(/'([a-z-]+)'/g)].map(([, each]) => each).sort(),
  )
})

test.each([...made])('what %s records stands in its rows', (moment, kinds) => {
  const rows = table.filter(([first = '']) => codeIn(first).includes(moment))
  const recordedAs = rows.flatMap(([, , third = '']) => codeIn(third))
  expect([...kinds].filter(kind => !recordedAs.includes(kind))).toEqual([])
})

test('every kind of record, and every one that the table names, is one of the mapping', () => {
  const kinds = [...source('mapping/step.ts').matchAll(/kind: '([a-z]+)'/g)].map(([, kind]) => kind)
  const named = table.flatMap(([, , third = '']) => codeIn(third)).filter(each => /^[a-z]+$/.test(each))
  expect([...new Set(named)].filter(each => each !== 'text').sort()).toEqual([...new Set(kinds)].sort())
})

test('every field of a line of the spool is named', () => {
  const named = new Set([...table.flatMap(([, second = '']) => codeIn(second)), 'tools'])
  // Of every line: the sentence below the table has them.
  const always = ['v', 'id', 't', 'host', 'event', 'session']
  const fields = lines.flatMap(line => [...Object.keys(line), ...(line.tools ?? []).flatMap(Object.keys)])
  expect([...new Set(fields)].filter(field => !named.has(field) && !always.includes(field))).toEqual([])
})

test.each([...Object.entries(DEFAULT_CAPTURE), ...Object.entries(DEFAULT_RECALL)])(
  'the setting %s stands there with its default',
  (name, value) => {
    const shown = typeof value === 'string' ? `'${value}'` : String(value)
    const rows = page.split('\n').filter(line => line.startsWith(`| \`${name}\` `))
    expect(rows.map(row => codeIn(row).slice(0, 2))).toEqual([[name, shown]])
    const isCapture = name in DEFAULT_CAPTURE
    expect(!isCapture || table.some(([, , , , last = '']) => codeIn(last).includes(name))).toBe(true)
  },
)
