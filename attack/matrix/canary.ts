/** A secret in every spelling in which a text could show it. */
export type Canary = Readonly<{ name: string; forms: readonly string[] }>

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '')
const forms = (value: string): readonly string[] => [
  value,
  base64(value),
  base64(value).replaceAll('+', '-').replaceAll('/', '_'),
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
  JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/'),
]

/**
 * The texts to search for: each value alone, and pairs as basic authentication writes them. Of an address only its secret
 * end counts; a user name or mail address (`known`) may be shown alone, but never with its password.
 */
export const canaries = (
  secrets: Readonly<Record<string, string>>,
  known: readonly string[] = [],
): readonly Canary[] => {
  const values = Object.entries(secrets).map(
    ([name, value]) => [name, value.replace(/^https?:\/\/[^/]+/, '')] as const,
  )
  const pairs = values.flatMap(([user, a]) =>
    values.flatMap(([password, b]) =>
      user === password ? [] : [{ name: `${user}:${password}`, forms: [base64(`${a}:${b}`).slice(0, -2)] }],
    ),
  )
  const single = values.filter(([name]) => !known.includes(name))
  return [...single.map(([name, value]) => ({ name, forms: forms(value) })), ...pairs]
}

/** The places of a text that show a secret. */
export const leaksIn = (known: readonly Canary[], text: string, where: string): readonly string[] =>
  known.flatMap(({ name, forms: all }) => {
    const found = all.find(form => text.includes(form))
    if (found === undefined) return []
    const at = text.indexOf(found)
    return [`${name} stands in ${where}: …${text.slice(Math.max(0, at - 80), at + found.length + 20)}…`]
  })
