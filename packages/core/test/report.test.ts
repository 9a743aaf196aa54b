import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escaped, linked } from '../src/export/report/html.ts'
import { renderReport } from '../src/export/report/report.ts'
import type { Session } from '../src/session/schema.ts'

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 10) + minute * 60_000).toISOString()

const session = (more: Partial<Session> = {}): Session => ({
  ...{
    id: 's',
    project: 'billing',
    user: 'ada',
    agent: 'fixer',
    title: 'Stop double charging',
    status: 'completed',
  },
  ...{
    startProgress: 20,
    progress: 100,
    startedAt: at(0),
    endedAt: at(50),
    lastEventAt: at(50),
    refs: {},
    metadata: {},
    revision: 9,
  },
  summary: 'Fixed in #981',
  updates: [
    {
      eventId: 'u1',
      time: at(5),
      description: 'Reproduced',
      progress: 35,
      tags: [],
      nextSteps: ['Find the lock'],
    },
    { eventId: 'u2', time: at(20), description: 'Locked', progress: 80, tags: [] },
  ],
  decisions: [
    {
      decisionId: 'd',
      eventId: 'd',
      time: at(7),
      content: 'Lock per invoice',
      rationale: 'Retries',
      alternatives: ['One lock'],
      relatedEntities: [],
    },
  ],
  entities: [
    { eventId: 'e', time: at(9), name: 'InvoiceLock', type: 'class', path: 'src/lock.ts', properties: {} },
  ],
  blockers: [
    {
      blockerId: 'b1',
      eventId: 'b1',
      time: at(10),
      description: 'No key',
      category: 'external',
      severity: 'high',
      resolvedAt: at(25),
      resolution: 'Issued',
    },
    {
      blockerId: 'b2',
      eventId: 'b2',
      time: at(30),
      description: 'No review',
      category: 'people',
      severity: 'low',
    },
  ],
  ...more,
})

describe('renderReport', () => {
  it('tells a session on one page', () => {
    const page = renderReport(session(), [
      {
        adapter: 'linear',
        delivered: 7,
        waiting: 0,
        planned: 0,
        dead: 1,
        inDoubt: 0,
        links: [{ name: 'BIL-301', url: 'https://linear.app/x' }],
      },
    ])
    expect(page).toContain('<h1>Stop double charging</h1>')
    expect(page).toContain('<strong>completed, 100 %</strong>')
    expect(page).toContain('ada with fixer · billing · 2026-01-01 10:00 UTC, 50 min')
    expect(page).toContain('<strong>Lock per invoice</strong>\nWhy: Retries\nInstead of: One lock')
    expect(page).toContain('<span class="good">resolved after 15 min</span>')
    expect(page).toContain('<span class="bad">open for 20 min</span>')
    expect(page).toContain('<td>InvoiceLock</td><td>class</td><td>src/lock.ts</td>')
    expect(page).toContain(
      '<td class="n bad">1</td><td><a href="https://linear.app/x" rel="noopener noreferrer nofollow">BIL-301</a></td>',
    )
    expect(page).toContain('aria-label="Progress from 20 to 100 % in 2 updates"')
  })

  it('draws progress as steps over time', () => {
    // 720 wide with margins of 36 and 12, 200 high with 10 and 24: 20 % stands at 142.8, 35 % at 117.9, 80 % at 43.2.
    expect(renderReport(session())).toContain('<path d="M36.0 142.8H103.2V117.9H304.8V43.2H708.0V10.0"')
  })

  it('leaves out what there is not', () => {
    const page = renderReport(session({ updates: [], decisions: [], entities: [], blockers: [] }))
    for (const title of ['Decisions', 'Blockers', 'Touched', 'Updates', 'Mirrored into'])
      expect(page).not.toContain(`<h2>${title}`)
  })

  it('folds the older of many updates, and draws no more than there are pixels', () => {
    const updates = Array.from({ length: 5_000 }, (_, n) => ({
      eventId: `u${n}`,
      time: at(n / 100),
      description: `Step ${n}`,
      progress: n % 100,
      tags: [],
    }))
    const page = renderReport(session({ updates }))
    expect(page).toContain('<summary>4970 earlier</summary>')
    expect(page.match(/H\d/g)?.length).toBeLessThan(720)
    expect(page.includes('<circle')).toBe(false)
  })

  it('is safe against whatever the text says', () => {
    const allowed =
      /^(!doctype|html|head|meta|title|style|body|header|h1|h2|p|strong|span|section|svg|line|text|path|circle|ol|ul|li|small|div|table|thead|tbody|tr|th|td|a|details|summary)$/
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom(
            '<script>alert(1)</script>',
            '"><img src=x onerror=alert(1)>',
            "javascript:alert('x')",
            '</title><svg onload=x>',
          ),
        ),
        text => {
          const hostile = session({
            ...{ title: text, goal: text, summary: text, user: text, project: text },
            updates: [
              { eventId: 'u', time: at(1), description: text, progress: 5, tags: [text], nextSteps: [text] },
            ],
            decisions: [
              {
                decisionId: 'd',
                eventId: 'd',
                time: at(2),
                content: text,
                rationale: text,
                alternatives: [text],
                relatedEntities: [],
              },
            ],
            entities: [
              {
                eventId: 'e',
                time: at(3),
                name: text,
                type: text,
                path: text,
                description: text,
                properties: {},
              },
            ],
            blockers: [
              {
                blockerId: 'b',
                eventId: 'b',
                time: at(4),
                description: text,
                category: text,
                severity: 'low',
                resolution: text,
              },
            ],
          })
          const page = renderReport(hostile, [
            {
              adapter: text,
              delivered: 1,
              waiting: 0,
              planned: 0,
              dead: 0,
              inDoubt: 0,
              links: [{ name: text, url: text }],
            },
          ])
          for (const [, name] of page.matchAll(/<\/?([!a-z][^\s>/]*)/gi))
            expect(name?.toLowerCase()).toMatch(allowed)
          expect(page).not.toMatch(/<[^>]*\son\w+=/i)
          expect(page).not.toMatch(/href="(?!https?:)/i)
        },
      ),
    )
  })
})

describe('escaped', () => {
  it('leaves nothing that HTML reads', () => {
    expect(escaped(`<a href="x" onclick='y'>&`)).toBe('&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;')
    expect(escaped('a\u0000b\u202ec\ud800')).toBe('abc\ufffd')
    expect(escaped('abcdef', 3)).toBe('abc…')
  })
})

describe('linked', () => {
  it('links http and https only', () => {
    expect(linked('x', 'javascript:alert(1)')).toBe('x')
    expect(linked('x', 'https://a.example/?q="<>')).toBe(
      '<a href="https://a.example/?q=&quot;&lt;&gt;" rel="noopener noreferrer nofollow">x</a>',
    )
  })
})
