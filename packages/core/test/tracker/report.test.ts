import { describe, expect, test } from 'vitest'
import type { AnyAdapter, Known } from '../../src/adapter/contract.ts'
import { createTracker } from '../../src/tracker.ts'
import { cards, tool } from '../recorder/tool.ts'

/** The address the page links for an adapter, and what it calls it. */
const linkOf = (page: string): string | undefined =>
  /<a href="([^"]*)"[^>]*>([^<]*)</.exec(page)?.slice(1).join(' ')

const reported = async (
  link: AnyAdapter['link'],
  answer: Readonly<Record<string, string>> = { id: 'https://tool.test/c/1' },
  refs: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
) => {
  const { refs: _, ...adapter } = tool({ hooks: cards })
  const tracker = await createTracker({
    project: 'billing',
    user: 'fixer',
    adapters: [{ ...adapter, ...(link === undefined ? {} : { link }) }],
    transports: {
      tool: { send: async () => ({ kind: 'answer', status: 200, headers: {}, body: answer }) },
    },
  })
  const { id } = await tracker.start({ goal: 'Stop double charging', refs })
  await tracker.drain({ timeoutMs: 60_000 })
  const page = await tracker.report(id)
  await tracker.close()
  return linkOf(page)
}

describe('the link of a report', () => {
  test('is the one the adapter makes of what was handed over and captured', async () => {
    const asked: Known[] = []
    const link = (known: Known) => {
      asked.push(known)
      return { name: 'T-1', url: 'https://tool.test/browse/T-1' }
    }
    expect(await reported(link, { id: 'C1' }, { tool: { board: 'B-1' }, toolbox: { card: 'no' } })).toBe(
      'https://tool.test/browse/T-1 T-1',
    )
    expect(asked).toEqual([{ refs: { board: 'B-1' }, captured: { card: 'C1' } }])
  })

  test('is escaped', async () => {
    const link = () => ({ name: '<b>', url: 'https://tool.test/"onclick="x&y' })
    expect(await reported(link)).toBe('https://tool.test/%22onclick=%22x&amp;y &lt;b&gt;')
  })

  test.each([
    ['https://tool.test/\\', 'https://tool.test//'],
    ['https://tool.test/<b>`\u202e', 'https://tool.test/%3Cb%3E%60%E2%80%AE'],
    ['HTTPS://Tool.test', 'https://tool.test/'],
  ])('writes %j so that nothing in it ends or hides the link', async (url, shown) => {
    const link = url.startsWith('https') ? () => ({ name: 'T-1', url }) : undefined
    expect(await reported(link, { id: url })).toBe(`${shown} ${link === undefined ? 'tool' : 'T-1'}`)
    expect(await reported(undefined, { id: url })).toBe(`${shown} tool`)
  })

  test.each([
    'https://evil.test/\n\n@acme/team #1',
    'https://user:password@tool.test/',
    'http://a b',
    'https://',
  ])('is never %j where a service answered it', async id => {
    expect(await reported(undefined, { id })).toBeUndefined()
  })

  test('is called as its adapter where it has no name', async () => {
    expect(await reported(() => ({ name: '', url: 'https://tool.test/1' }))).toBe('https://tool.test/1 tool')
  })

  test.each([
    'http://tool.test/1',
    'javascript:alert(1)',
    'https://user:password@tool.test/1',
    'https://tool.test/a b',
    'https://',
    '',
  ])('is never %j', async url => {
    expect(await reported(() => ({ name: 'T-1', url }))).toBeUndefined()
  })

  test('is left out where the adapter knows none, or throws', async () => {
    expect(await reported(() => undefined)).toBeUndefined()
    const broken = () => {
      throw new Error('broken')
    }
    expect(await reported(broken)).toBeUndefined()
  })

  test('is the first address that was captured where an adapter says nothing of links', async () => {
    expect(await reported(undefined)).toBe('https://tool.test/c/1 tool')
  })
})
