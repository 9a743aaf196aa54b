import { expect, test } from 'vitest'
import { build, cloud, payload } from './building.ts'

// biome-ignore format: a table is read one line at a time
const WRONG = [
  ['createIssue', { summary: ' \n\t' }, 'createIssue.summary: invalid value; expected a string with something to see'],
  ['createIssue', { summary: 'x', labels: ['two words'] }, 'createIssue.labels.0: invalid value; expected a label without spaces'],
  ['createIssue', { summary: 'x', dueDate: '31.12.2026' }, 'createIssue.dueDate: invalid value; expected a day'],
  ['createIssue', { summary: 'x', fields: { 'a b': 1 } }, 'createIssue.fields: invalid value; expected ids of fields'],
  ['createComment', { body: '' }, 'createComment.body: invalid value; expected a string with something to see'],
  ['createComment', { issue: '../../admin', body: 'x' }, 'createComment.issue: invalid value; expected the key of an issue'],
  ['addWorklog', { startedAt: 'yesterday', seconds: 60 }, 'addWorklog.startedAt: invalid value; expected a time'],
  ['addWorklog', { startedAt: '2026-11-20T07:30:00Z', seconds: 59 }, 'addWorklog.seconds: out of range'],
  ['setRemoteLink', { globalId: 'a', url: 'javascript:alert(1)', title: 'x' }, 'setRemoteLink.url: invalid value; expected a web address'],
  ['setProperty', { property: 'a', value: '' }, 'setProperty.value: invalid value; expected JSON that is not empty'],
  ['updateComment', { comment: '1/../2', body: 'x' }, 'updateComment.comment: invalid value; expected the number of a comment'],
  ['setStatus', { status: '' }, 'setStatus.status: invalid value; expected a string with something to see'],
] as const
test.each(WRONG)('%s refuses %j', (name, input, message) => {
  expect(() => build(cloud, name, input)).toThrow(message)
})

test('every summary fits Jira, whatever it was', () => {
  const { fields } = payload(cloud, 'createIssue', { summary: `a\r\nb ${'😀'.repeat(300)}` }) as {
    fields: { summary: string }
  }
  expect(fields.summary.length).toBeLessThanOrEqual(254)
  expect(fields.summary).toMatch(/^a b 😀+…$/u)
})

test('texts inside raw fields are made storable', () => {
  expect(payload(cloud, 'updateIssue', { fields: { customfield_1: ['a\u0000b', { c: '\ud800' }] } })).toEqual(
    {
      fields: { customfield_1: ['ab', { c: '\ufffd' }] },
    },
  )
})
