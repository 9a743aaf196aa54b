/** The longest subject, in characters. */
const MAX_SUBJECT = 72

/** The faults of a commit message; an empty list is a good message. */
export const judgeMessage = (message: string): readonly string[] => {
  const [subject = '', blank = ''] = message.trimEnd().split('\n')
  const [, scope, words = ''] = /^([a-z][a-z0-9./-]*): (.*)$/.exec(subject) ?? []
  const [first = ''] = words.split(' ')
  const problems: string[] = []
  if (subject.length > MAX_SUBJECT)
    problems.push(`subject: too long; expected at most ${MAX_SUBJECT} characters, got ${subject.length}`)
  if (scope === undefined)
    return [...problems, 'subject: expected "scope: imperative", with a scope in lower case']
  if (!/^[a-z]/.test(first))
    problems.push(`subject: expected a verb in lower case after "${scope}: ", got "${first}"`)
  else if (
    /(?:ed|ing)$/.test(first) &&
    !/^(?:embed|exceed|feed|need|proceed|seed|shed|speed|succeed|bring|ping|string)$/.test(first)
  )
    problems.push(`subject: expected an imperative, got "${first}"`)
  else if (/[^su]s$/.test(first)) problems.push(`subject: expected an imperative, got "${first}"`)
  if (/[.:!]$/.test(subject)) problems.push('subject: ends with punctuation')
  if (blank !== '') problems.push('body: expected an empty line below the subject')
  return problems
}
