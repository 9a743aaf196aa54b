import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCharacter } from '../../../test/any-text.ts'
import { runsOf } from '../../../test/sample.ts'
import { escapeHtml, renderLink } from '../src/export/report/html.ts'
import { type Mirror, renderReport } from '../src/export/report/report.ts'
import type { Severity } from '../src/session/schema.ts'
import type { Session } from '../src/session/session.ts'

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
      at: at(5),
      description: 'Reproduced',
      progress: 35,
      tags: [],
      nextSteps: ['Find the lock'],
    },
    { eventId: 'u2', time: at(20), at: at(20), description: 'Locked', progress: 80, tags: [] },
  ],
  decisions: [
    {
      decisionId: 'd',
      eventId: 'd',
      time: at(7),
      at: at(7),
      content: 'Lock per invoice',
      rationale: 'Retries',
      alternatives: ['One lock'],
      relatedEntities: [],
    },
  ],
  entities: [
    {
      eventId: 'e',
      time: at(9),
      at: at(9),
      name: 'InvoiceLock',
      type: 'class',
      path: 'src/lock.ts',
      properties: {},
    },
  ],
  blockers: [
    {
      blockerId: 'b1',
      eventId: 'b1',
      time: at(10),
      at: at(10),
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
      at: at(30),
      description: 'No review',
      category: 'people',
      severity: 'low',
    },
  ],
  ...more,
})

const mirror = (adapter: string, more: Partial<Mirror> = {}): Mirror => ({
  ...{ adapter, delivered: 7, waiting: 0, planned: 0, dead: 0, inDoubt: 0 },
  links: [{ name: 'BIL-301', url: 'https://linear.app/x' }],
  ...more,
})

describe('renderReport', () => {
  it('shows a session on one page', () => {
    const page = renderReport(session(), [mirror('linear', { dead: 1 })])
    expect(page).toContain('<h1>Stop double charging</h1>')
    expect(page).toContain('<span class="pill" style="color:var(--good)">completed</span>')
    expect(page).toContain('<div class="meter" style="--share:100%"><b>100 %</b><i></i></div>')
    expect(page).toContain(
      'ada with fixer · billing · <time datetime="2026-01-01T10:00:00.000Z">2026-01-01 10:00</time> UTC, 50 min',
    )
    expect(page).toContain('<strong>Lock per invoice</strong>\nWhy: Retries\nInstead of: One lock')
    expect(page).toContain('high, <span class="good">resolved after 15 min</span>')
    expect(page).toContain('<b class="soft">low, open for 20 min</b>')
    expect(page).toContain(
      '<td data-label="Name"><span>InvoiceLock</span></td><td data-label="Type"><span>class</span></td><td data-label="Path"><span>src/lock.ts</span></td></tr>',
    )
    expect(page).toContain(
      '<td data-label="Service"><span>linear <a href="https://linear.app/x" rel="noopener noreferrer nofollow">BIL-301</a></span></td>',
    )
    expect(page).toContain('<td data-label="Dead" class="n bad">1</td>')
    expect(page).toContain('<td data-label="In doubt" class="n none">–</td>')
    expect(page).toContain('aria-label="Progress from 20 to 100 % in 2 updates"')
    expect(page).toContain('<dt>Session</dt><dd>s</dd>')
  })

  it('calls an active session with an open blocker blocked, and shows the worst blocker first', () => {
    const blocker = (blockerId: string, severity: Severity, minute: number) => ({
      ...{ blockerId, eventId: blockerId, time: at(minute), at: at(minute), category: 'people', severity },
      description: `About ${blockerId}`,
    })
    const { summary: _, endedAt: __, ...active } = session({ status: 'active' })
    const page = renderReport({
      ...active,
      blockers: [blocker('b1', 'low', 1), blocker('b2', 'critical', 2), blocker('b3', 'critical', 3)],
    })
    expect(page).toContain('<span class="pill" style="color:var(--bad)">blocked</span>')
    expect(page).toContain('<strong class="bad">3 open blockers, 2 critical</strong>')
    expect([...page.matchAll(/About (b\d)/g)].map(([, id]) => id)).toEqual([
      // The shaded spans of the chart stand behind the list.
      ...['b2', 'b3', 'b1'],
      ...['b1', 'b2', 'b3'],
    ])
  })

  it('says in one line that every service is up to date', () => {
    expect(renderReport(session(), [mirror('linear'), mirror('slack', { links: [] })])).toContain(
      '<span class="good">All 2 up to date:</span> linear <a href="https://linear.app/x" rel="noopener noreferrer nofollow">BIL-301</a> · slack</p>',
    )
  })

  it('shows tags, category, impact, related entities, superseded decisions, properties, metadata and links', () => {
    const [update] = session().updates
    const decision = { time: at(7), at: at(7), alternatives: [], relatedEntities: [] }
    const page = renderReport(
      session({
        ...{
          previousId: 'p1',
          parentId: 'p2',
          refs: { jira: { issue: 'ENG-1' } },
          metadata: { team: ['a'] },
        },
        updates: update === undefined ? [] : [{ ...update, tags: ['db', 'lock'] }],
        decisions: [
          {
            ...decision,
            decisionId: 'd1',
            eventId: 'd1',
            content: 'One',
            category: 'design',
            impact: 'Slow',
          },
          {
            ...decision,
            decisionId: 'd2',
            eventId: 'd2',
            content: 'Two',
            supersedes: 'd1',
            relatedEntities: ['Lock'],
          },
        ],
        entities: [
          {
            eventId: 'e',
            time: at(9),
            at: at(9),
            name: 'PR',
            type: 'pr',
            properties: { lines: 3, by: 'ada' },
          },
        ],
      }),
    )
    expect(page).toContain('<span class="tag">db</span><span class="tag">lock</span>')
    expect(page).toContain(
      '<li class="item resolved"><strong>One</strong>\nImpact: Slow<small><b>superseded</b> · design · <time',
    )
    expect(page).toContain('<strong>Two</strong>\nConcerns: Lock<small>')
    expect(page).toContain('<td data-label="Properties"><span>lines: 3<br>by: ada</span></td>')
    expect(page).not.toContain('<th>About</th>')
    expect(page).toContain(
      '<dt>Continues</dt><dd>p1</dd><dt>Part of</dt><dd>p2</dd><dt>jira.issue</dt><dd>ENG-1</dd><dt>team</dt><dd>[&quot;a&quot;]</dd>',
    )
  })

  it('does not repeat the goal below the title', () => {
    expect(
      renderReport(session({ goal: 'Stop double charging' })).match(/Stop double charging/g),
    ).toHaveLength(2)
    const page = renderReport(session({ goal: 'Stop double charging\nSee `src/pay.ts` first' }))
    expect(page).toContain('<p>See <code>src/pay.ts</code> first</p>')
  })

  it('shows times in the zone it is given', () => {
    expect(renderReport(session(), [], { timeZone: 'Asia/Tokyo' })).toContain(
      '2026-01-01 19:00</time> Asia/Tokyo',
    )
  })

  it('draws progress as steps, shades blocked spans and marks decisions', () => {
    const page = renderReport(session())
    // 1000 wide, 200 high, 50 minutes: minute 5 stands at 100, minute 20 at 400; 20 % stands at 160, 35 % at 130, 80 % at 40.
    expect(page).toContain(
      '<path d="M0.0 160.0H100.0V130.0H400.0V40.0H1000.0V0.0V200H0.0Z" fill="var(--fill)"/>',
    )
    expect(page).toContain('<rect x="200.0" y="0" width="300.0" height="200" fill="var(--shade)">')
    expect(page).toContain('<path d="M140.0 0.0h.01" stroke="var(--good)"')
    expect(page).toContain(
      '<span class="x first">10:00</span><span class="x last" style="left:100%">10:50</span>',
    )
  })

  it('shows when things happened, not when they were stored', () => {
    const [update] = session().updates
    const { endedAt: _, ...active } = session({ status: 'active', decisions: [], blockers: [], entities: [] })
    const updates = [1, 2].flatMap(n =>
      update === undefined ? [] : [{ ...update, time: at(500), at: at(60 * n), progress: 40 * n }],
    )
    const page = renderReport({ ...active, updates, lastEventAt: at(500) })
    expect(page).toContain(
      '<span class="x first">10:00</span><span class="x last" style="left:100%">12:00</span>',
    )
    expect(page).toContain('>11:00</time>')
    expect(page).toContain('UTC, 2 h</p>')
  })

  it('shows workspace, machine, usage and links to other sessions', () => {
    const usage = { inputTokens: 12_000, outputTokens: 800, costUsd: 0.31 }
    const links = [{ kind: 'depends_on' as const, sessionId: 's0' }]
    expect(renderReport(session({ workspace: '/src/billing', machine: 'mia', usage, links }))).toContain(
      '<dt>Depends on</dt><dd>s0</dd><dt>Workspace</dt><dd>/src/billing</dd><dt>Machine</dt><dd>mia</dd><dt>Usage</dt><dd>12,000 tokens in, 800 tokens out, 0.31 USD</dd>',
    )
  })

  it('draws no chart of progress that never changed', () => {
    expect(renderReport(session({ startProgress: 0, progress: 0, updates: [] }))).not.toContain('<svg')
  })

  it('shows seconds at the ends of a short session, and days at those of a long one', () => {
    const short = session({
      endedAt: new Date(Date.parse(at(0)) + 9_000).toISOString(),
      updates: [],
      blockers: [],
    })
    expect(renderReport({ ...short, decisions: [] })).toContain(
      '<span class="x first">10:00:00</span><span class="x last" style="left:100%">10:00:09</span>',
    )
    expect(renderReport(session({ endedAt: at(2_000) }))).toContain('>2026-01-01 10:00</span>')
  })

  it('draws idle days shorter and says how long they were', () => {
    const updates = [1, 2, 3, 4, 5, 6, 2_886, 2_887].map((minute, n) => ({
      ...{
        eventId: `u${n}`,
        time: at(minute),
        at: at(minute),
        description: `Step ${n}`,
        progress: 30 + n,
        tags: [],
      },
    }))
    const page = renderReport(session({ updates, decisions: [], blockers: [], endedAt: at(2_888) }))
    expect(page).toContain('⋯ 2 d ⋯</span>')
    expect(page).toContain('idle time, drawn shorter')
  })

  it('leaves out what there is not, and says that there are no updates yet', () => {
    const page = renderReport(session({ updates: [], decisions: [], entities: [], blockers: [] }))
    for (const title of ['Decisions', 'Open blockers', 'Resolved blockers', 'Touched', 'Services'])
      expect(page).not.toContain(`<h2>${title}`)
    expect(page).toContain('<p class="soft">No updates yet.</p>')
  })

  it('folds the older of many updates until printed, and draws no more than there are pixels', () => {
    const updates = Array.from({ length: 5_000 }, (_, n) => ({
      eventId: `u${n}`,
      time: at(n / 100),
      at: at(n / 100),
      description: `Step ${n}`,
      progress: n % 100,
      tags: [],
    }))
    const page = renderReport(session({ updates, decisions: [] }))
    expect(page).toContain('<label for="older">Show 4970 earlier updates</label>')
    expect(page).toContain('@media print')
    expect(page).toContain('input.fold:not(:checked) ~ .folded { display: block }')
    // The line is drawn twice, for its area and for itself, with at most one point for each of 1,001 places.
    expect(page.match(/H\d/g)?.length).toBeLessThanOrEqual(2_003)
    expect(page.includes('h.01')).toBe(false)
  })

  it('is safe against whatever the text says', () => {
    const allowed =
      /^(!doctype|html|head|meta|title|style|body|header|h1|h2|h3|p|b|i|strong|span|section|svg|line|rect|path|time|code|ol|ul|li|small|div|table|thead|tbody|tr|th|td|a|dl|dt|dd|br|input|label)$/
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: anyCharacter }),
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
              {
                eventId: 'u',
                time: at(1),
                at: at(1),
                description: text,
                progress: 5,
                tags: [text],
                nextSteps: [text],
              },
            ],
            decisions: [
              {
                decisionId: 'd',
                eventId: 'd',
                time: at(2),
                at: at(2),
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
                at: at(3),
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
                at: at(4),
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
      { numRuns: runsOf(100) },
    )
  })
})

describe('escapeHtml', () => {
  it('leaves nothing that HTML reads', () => {
    expect(escapeHtml(`<a href="x" onclick='y'>&`)).toBe(
      '&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;',
    )
    expect(escapeHtml('a\u0000b\u202ec\ud800')).toBe('abc\ufffd')
    expect(escapeHtml('a\u{e0041}\u{e007f}b\u{e0100}')).toBe('ab')
    expect(escapeHtml('abcdef', 3)).toBe('abc…')
  })
})

describe('renderLink', () => {
  it('links http and https only', () => {
    expect(renderLink('x', 'javascript:alert(1)')).toBe('x')
    expect(renderLink('x', 'https://a.example/?q="<>')).toBe(
      '<a href="https://a.example/?q=&quot;&lt;&gt;" rel="noopener noreferrer nofollow">x</a>',
    )
  })
})
