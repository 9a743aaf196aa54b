import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { type DeclarationReflection, type ProjectReflection, ReflectionKind } from 'typedoc'
import { ROOT } from './pages.ts'

/** Number of symbols that have an example at least. */
const EXAMPLES_MIN = 20

const textOf = (member: DeclarationReflection): string =>
  [
    member,
    ...(member.signatures ?? []),
    ...(member.getSignature === undefined ? [] : [member.getSignature]),
    ...(member.type?.type === 'reflection' ? (member.type.declaration.signatures ?? []) : []),
  ]
    .flatMap(({ comment }) => [
      ...(comment?.summary ?? []),
      ...(comment?.blockTags ?? []).flatMap(tag => tag.content),
    ])
    .map(({ text }) => text)
    .join('')

const isMember = (member: DeclarationReflection): boolean =>
  member.parent?.kindOf(ReflectionKind.Interface) === true

/** Members of exported types without a sentence, and optional ones of `…Options` that do not say what holds without them. */
export const missingSentences = (project: ProjectReflection): readonly string[] =>
  (project.getReflectionsByKind(ReflectionKind.Property | ReflectionKind.Method) as DeclarationReflection[])
    .filter(isMember)
    .flatMap(member => {
      const text = textOf(member)
      const name = member.getFullName()
      if (text.trim() === '') return [`${name}: missing sentence`]
      const isOption = /Options$/.test(member.parent?.name ?? '') && member.flags.isOptional
      return isOption && !/default|left out|without|none/i.test(text)
        ? [`${name}: missing default; expected a sentence such as "Default: none."`]
        : []
    })

/** "Defined in" links that lead to no file of this repository. */
export const deadSources = (project: ProjectReflection): readonly string[] => {
  const declared = Object.values(project.reflections) as DeclarationReflection[]
  const files = new Set(
    declared
      .flatMap(({ sources }) => (sources ?? []).filter(({ url }) => url !== undefined))
      .map(({ fileName }) => fileName),
  )
  return [...files]
    .filter(file => !existsSync(join(ROOT, file)))
    .map(file => `${file}: missing file of a "defined in" link`)
}

/** How many symbols have an example, as a problem when they are too few. */
export const missingExamples = (project: ProjectReflection): readonly string[] => {
  const shown = Object.values(project.reflections).filter(
    ({ comment }) => comment?.blockTags.some(({ tag }) => tag === '@example') === true,
  )
  return shown.length >= EXAMPLES_MIN
    ? []
    : [`invalid reference; expected examples for ${EXAMPLES_MIN} symbols, got ${shown.length}`]
}

/** Words of the guides that a reader looks for. */
const WORDS = [
  'outage',
  '429',
  'dead',
  'letter',
  'slack_bot_token',
  'backoff',
  'lease',
  'retry',
  'idempotency',
]

/** Words that the search of the built site does not find. `script` is the text of `assets/search.js`. */
export const missingWords = (script: string): readonly string[] => {
  const packed = /"([A-Za-z0-9+/=]+)"/.exec(script)?.[1] ?? ''
  const { index } = JSON.parse(inflateSync(Buffer.from(packed, 'base64')).toString('utf8')) as {
    index: { invertedIndex: readonly (readonly [string, unknown])[] }
  }
  const known = new Set(index.invertedIndex.map(([word]) => word))
  return WORDS.filter(word => !known.has(word)).map(word => `the search does not find "${word}"`)
}
