import { describe, expect, test } from 'vitest'
import { listCommits } from '../../agents/src/landed.ts'
import type { ToolCall } from '../src/hook/line.ts'
import { findLanded, type Todos, todosAfter } from '../src/mapping/tools.ts'
import { linesOf } from './stage.ts'

// Texts of a model: each of them took a time that grew with the square of its length, or doubled with each character.
const MANY = 200_000
const after = (query: string, todos: Todos = {}) => todosAfter(todos, { name: 'sql', query })

describe('a statement', () => {
  test.each([
    ['of quotes that do not end', `insert into todos (id) values (${"'".repeat(MANY + 1)}`],
    ['of spaces before nothing', `update todos set title${' '.repeat(MANY)}x`],
    ['of rows that do not end', `insert into todos (id) values ${'(a'.repeat(MANY)}`],
  ])('%s changes nothing', (_, query) => {
    expect(after(query, { a: { text: 'A', status: 'done' } })).toEqual({ a: { text: 'A', status: 'done' } })
  })

  test('of many rows makes the first thousand items', () => {
    const rows = Array.from({ length: MANY / 10 }, (_, n) => `('t${n}', 'it''s ${n}')`).join(', ')
    const todos = after(`insert into todos (id, title) values ${rows}`)
    expect(Object.keys(todos)).toHaveLength(1_000)
    expect(todos.t999).toEqual({ text: "it's 999", status: 'pending' })
  })

  test.each(['__proto__', 'constructor', 'toString'])('may call an item %s', id => {
    const todos = after(`insert into todos (id) values ('${id}')`)
    expect(Object.entries(todos)).toEqual([[id, { text: id, status: 'pending' }]])
    const done = after(`update todos set status = 'done' where id = '${id}'`, todos)
    expect(Object.entries(done)).toEqual([[id, { text: id, status: 'done' }]])
    expect(Object.entries(after(`delete from todos where id = '${id}'`, done))).toEqual([])
    expect(after(`update todos set status = 'done' where id = '${id}'`)).toEqual({})
  })
})

test.each([
  ['git '.repeat(MANY), 0],
  [`git status\ncommit ${'git '.repeat(MANY)}`, 0],
  [`${'git '.repeat(MANY)}commit -m x`, 1],
  ['git -C /repo merge --no-ff topic', 1],
  ['legit commit', 0],
])('a command that names git often is read once (%#)', (command, count) => {
  const output = '[main 0123abc] Lock per invoice'
  const commit = { hash: '0123abc', subject: 'Lock per invoice' }
  expect(findLanded({ name: 'Bash', command, output } as ToolCall)).toEqual(
    count === 0 ? [] : [{ kind: 'commit', ...commit }],
  )
  expect(listCommits({ tool: 'Bash', input: { command } }, output)).toEqual(count === 0 ? [] : [commit])
})

test.each([
  ['<hook_context>a</hook_context>\n Fix it', 'Fix it'],
  ['Fix <hook_context>a</hook_context><hook_context>b</hook_context> it', 'Fix it'],
  ['Explain </hook_context> and <hook_context>', 'Explain </hook_context> and <hook_context>'],
  [`Fix it${'<hook_context>'.repeat(MANY)}`, '[text of 2800006 characters]'],
])('of a prompt the context of hooks is left out (%#)', (prompt, kept) => {
  const [line] = linesOf([
    {
      ...{ host: 'claude', mode: '', scenario: '', n: 1, t_ms: 0, config_key: 'UserPromptSubmit' },
      payload: { session_id: 's', hook_event_name: 'UserPromptSubmit', cwd: '/repo', prompt },
    },
  ])
  expect(line?.prompt).toBe(kept)
})
