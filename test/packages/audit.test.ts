import { expect, test } from 'vitest'
import { judgeAudit } from '../../scripts/packages/dependencies.ts'

const said = (answer: unknown) => ({ out: JSON.stringify(answer), errors: '' })
const none = said({ auditReportVersion: 2, vulnerabilities: {} })
const one = said({ vulnerabilities: { ky: { name: 'ky', severity: 'high', via: [] } } })
// What npm prints where a registry has no such address.
const noEndpoint = said({ message: 'Not Found - POST', error: { summary: '', detail: '' } })
const silence = { out: '', errors: 'npm error audit endpoint returned an error\nnpm error more' }

test.each([false, true])('a weakness fails the check, whatever is said of the registry (%s)', silent => {
  expect(judgeAudit(one, silent).problems).toEqual(['ky: a high weakness'])
  expect(judgeAudit(none, silent).problems).toEqual([])
})

test.each([
  [noEndpoint, 'Not Found - POST'],
  [silence, 'npm error audit endpoint returned an error'],
  [said({}), 'no answer'],
  [said(null), 'no answer'],
])('no answer fails the check, unless it is said that there is none: %j', (answer, why) => {
  expect(judgeAudit(answer, false).problems).toEqual([
    expect.stringContaining(`the registry gives no advisories: ${why}`),
  ])
  expect(judgeAudit(answer, true)).toEqual({ note: expect.stringMatching(/^not asked: /), problems: [] })
})

test('a registry that answers after all is told of', () => {
  expect(judgeAudit(none, true).note).toBe('asked: the registry answers, take out SESSIONWIRE_NO_AUDIT')
  expect(judgeAudit(none, false).note).toBeUndefined()
})
