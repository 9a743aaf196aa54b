import { expect, test } from 'vitest'
import { taiga } from '../src/index.ts'

const named = taiga({ project: 'billing' })
const numbered = taiga({ projectId: 7 })
const tasks = taiga({ project: 'billing', kind: 'task', baseUrl: 'https://taiga.example.com/api/v1' })
const front = 'https://tree.taiga.io/project'

test.each([
  ['its own story', named, {}, { storyId: 4711, ref: 42 }, { name: '#42', url: `${front}/billing/us/42` }],
  [
    'its own task, at a server',
    tasks,
    {},
    { taskId: 4711, ref: 42 },
    { name: '#42', url: 'https://taiga.example.com/project/billing/task/42' },
  ],
  ['a story by its number', named, { story: '#42' }, {}, { name: '#42', url: `${front}/billing/us/42` }],
  ['an issue of another project', named, { issue: 'ops#7' }, {}, { name: '#7', url: `${front}/ops/issue/7` }],
  [
    'a story by its address',
    numbered,
    { story: `${front}/billing/us/42?x=1` },
    {},
    { name: '#42', url: `${front}/billing/us/42` },
  ],
  [
    'the card of its own that came in place of one that was handed over',
    named,
    { issue: 'ops#7' },
    { storyId: 4711, ref: 42 },
    { name: '#42', url: `${front}/billing/us/42` },
  ],
  ['a story by its id, of whatever project', named, { story: '4711' }, { ref: 42 }, undefined],
  ['a project that is known by its id only', numbered, {}, { storyId: 4711, ref: 42 }, undefined],
  ['one that is not there yet', named, {}, {}, undefined],
  ['an answer that was no number', named, {}, { ref: '../../x' }, undefined],
])('links %s', (_, adapter, refs, captured, expected) => {
  expect(adapter.link?.({ refs, captured })).toEqual(expected)
})
