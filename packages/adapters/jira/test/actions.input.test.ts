import { expect, test } from 'vitest'
import { build, cloud, payload } from './building.ts'

// biome-ignore format: a table is read one line at a time
const WRONG = [
  ['createIssue', { title: ' \n\t' }, 'createIssue.title: invalid value; expected a string of which something is visible'],
  ['createIssue', { title: 'x', labels: ['two words'] }, 'createIssue.labels.0: invalid value; expected a label without spaces'],
  ['createIssue', { title: 'x', dueDate: '31.12.2026' }, 'createIssue.dueDate: invalid value; expected a day'],
  ['createIssue', { title: 'x', fields: { 'a b': 1 } }, 'createIssue.fields: invalid value; expected ids of fields'],
  ['createComment', { body: '' }, 'createComment.body: invalid value; expected a string of which something is visible'],
  ['createComment', { issue: '../../admin', body: 'x' }, 'createComment.issue: invalid value; expected the key of an issue'],
  ['logWork', { startedAt: 'yesterday', seconds: 60 }, 'logWork.startedAt: invalid value; expected a time'],
  ['logWork', { startedAt: '2026-11-20T07:30:00Z', seconds: 59 }, 'logWork.seconds: out of range'],
  ['addLink', { globalId: 'a', url: 'javascript:alert(1)', title: 'x' }, 'addLink.url: invalid value; expected a web address'],
  ['setProperty', { property: 'a', value: '' }, 'setProperty.value: invalid value; expected JSON that is not empty'],
  ['editComment', { comment: '1/../2', body: 'x' }, 'editComment.comment: invalid value; expected the number of a comment'],
  ['setStatus', { status: '' }, 'setStatus.status: invalid value; expected a string of which something is visible'],
] as const
test.each(WRONG)('%s refuses %j', (name, input, message) => {
  expect(() => build(cloud, name, input)).toThrow(message)
})

test('every summary fits Jira, whatever it was', () => {
  const { fields } = payload(cloud, 'createIssue', { title: `a\r\nb ${'😀'.repeat(300)}` }) as {
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
