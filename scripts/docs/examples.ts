import { Comment, CommentTag, type ProjectReflection, type Reflection, ReflectionKind } from 'typedoc'
import { fencesOf } from './markdown.ts'

/** The page whose blocks become the examples of the reference; each is compiled with the other pages. */
export const EXAMPLES = 'docs/guide/calls.md'

/** An example: the symbols its heading names, and the code. */
type Example = Readonly<{ names: readonly string[]; code: string }>

/** Reads the examples of a page: headings name the symbols in backticks, the blocks below are their examples. */
export const readExamples = (text: string): readonly Example[] =>
  text
    .split(/^## /m)
    .slice(1)
    .flatMap(part => {
      const [heading = ''] = part.split('\n', 1)
      const names = [...heading.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
      return fencesOf(part)
        .filter(({ language }) => language === 'ts')
        .map(({ text: code }) => ({ names, code }))
    })

/** Where a symbol is shown: a call's signature, or the declaration itself. */
const findPlaces = (project: ProjectReflection, name: string): readonly Reflection[] => {
  const [first = '', member] = name.split('.')
  const kinds = ReflectionKind.SomeExport & ~ReflectionKind.Reference
  return project
    .getReflectionsByKind(kinds)
    .filter(each => each.name === first && each.parent?.kindOf(ReflectionKind.SomeModule) === true)
    .flatMap(each => {
      if (!('children' in each)) return []
      const found =
        member === undefined ? [each] : (each.children as Reflection[]).filter(child => child.name === member)
      return found.flatMap(one =>
        'signatures' in one && Array.isArray(one.signatures) ? (one.signatures as Reflection[]) : [one],
      )
    })
}

/** Adds the examples to their symbols, and returns the names that the reference does not have. */
export const addExamples = (project: ProjectReflection, examples: readonly Example[]): readonly string[] =>
  examples.flatMap(({ names, code }) =>
    names.filter(name => {
      const [place, ...others] = findPlaces(project, name)
      for (const each of place === undefined ? [] : [place, ...others].slice(0, 1)) {
        each.comment ??= new Comment()
        each.comment.blockTags.push(
          new CommentTag('@example', [{ kind: 'code', text: `\`\`\`ts\n${code}\n\`\`\`` }]),
        )
      }
      return place === undefined
    }),
  )
