import ts from 'typescript'
import { isParticipleName, RETIRED } from './rules.ts'

/** One use of a retired word, or one function named by a participle. */
export type Finding = Readonly<{ path: string; line: number; rule: string; text: string; instead: string }>

type Piece = Readonly<{ text: string; line: number }>

/** Markdown without code: fences and spans become spaces, so that lines and columns stay. */
const proseOf = (text: string): string => {
  let fence: string | undefined
  return text
    .split('\n')
    .map(line => {
      const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
      if (fence === undefined && mark !== undefined) {
        fence = mark
        return ''
      }
      if (fence !== undefined) {
        if (mark?.startsWith(fence)) fence = undefined
        return ''
      }
      return line.replace(/`[^`]*`/g, code => ' '.repeat(code.length))
    })
    .join('\n')
}

/** Comments without their markers, and without code spans. Neighbouring `//` lines are one text. */
const readComment = (raw: string): string =>
  raw
    .replace(/^\/\*\*? ?|\*\/$/g, '')
    .replace(/^[ \t]*(?:\*|\/\/) ?/gm, '')
    .replace(/`[^`]*`/g, '`code`')

const isMessage = (text: string): boolean => /\S\s+\S/.test(text)

/** The comments and the texts for people of a TypeScript file, each with its line. */
const piecesOf = (file: ts.SourceFile): readonly Piece[] => {
  const pieces: Piece[] = []
  const add = (text: string, position: number): void => {
    pieces.push({ text, line: file.getLineAndCharacterOfPosition(position).line + 1 })
  }
  const seen = new Set<number>()
  const addComments = (position: number): void => {
    for (const comment of ts.getLeadingCommentRanges(file.text, position) ?? []) {
      if (seen.has(comment.pos)) continue
      seen.add(comment.pos)
      add(readComment(file.text.slice(comment.pos, comment.end)), comment.pos)
    }
  }
  const visit = (node: ts.Node): void => {
    addComments(node.getFullStart())
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return
    if (ts.isStringLiteralLike(node) && isMessage(node.text)) add(node.text, node.getStart(file))
    if (ts.isTemplateExpression(node)) {
      const text = node.head.text + node.templateSpans.map(span => `…${span.literal.text}`).join('')
      if (isMessage(text)) add(text, node.getStart(file))
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  addComments(file.endOfFileToken.getFullStart())
  return pieces
}

const isFunction = (node: ts.Node | undefined): boolean =>
  node !== undefined &&
  (ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isFunctionTypeNode(node))

/** A member of a table of events is named for what happened. */
const isEvent = (node: ts.Node): boolean =>
  ts.findAncestor(
    node,
    each =>
      (ts.isInterfaceDeclaration(each) || ts.isTypeAliasDeclaration(each)) && /Events$/.test(each.name.text),
  ) !== undefined

/** The functions that a file declares, by name: declarations, constants, methods, members of types. */
const functionsOf = (file: ts.SourceFile): readonly Readonly<{ name: string; line: number }>[] => {
  const functions: { name: string; line: number }[] = []
  const visit = (node: ts.Node): void => {
    const named =
      ts.isFunctionDeclaration(node) ||
      ts.isMethodDeclaration(node) ||
      ts.isMethodSignature(node) ||
      (ts.isVariableDeclaration(node) && isFunction(node.initializer)) ||
      (ts.isPropertySignature(node) && isFunction(node.type) && !isEvent(node))
    const name = named ? (node as ts.NamedDeclaration).name : undefined
    if (name !== undefined && ts.isIdentifier(name)) {
      functions.push({
        name: name.text,
        line: file.getLineAndCharacterOfPosition(name.getStart(file)).line + 1,
      })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return functions
}

const findRetired = (path: string, { text, line }: Piece): readonly Finding[] =>
  RETIRED.flatMap(({ name, pattern, instead }) =>
    [...text.matchAll(pattern)].map(match => {
      const before = text.slice(0, match.index)
      const around = text.slice(Math.max(0, match.index - 30), match.index + match[0].length + 30)
      return {
        path,
        line: line + before.split('\n').length - 1,
        rule: name,
        text: around.replace(/\s+/g, ' ').trim(),
        instead,
      }
    }),
  )

/** Everything in one file that the rules retire, in the order of its lines. */
export const findWords = (path: string, text: string): readonly Finding[] => {
  if (path.endsWith('.md')) return findRetired(path, { text: proseOf(text), line: 1 })
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  return [
    ...piecesOf(file).flatMap(piece => findRetired(path, piece)),
    ...functionsOf(file)
      .filter(({ name }) => isParticipleName(name))
      .map(({ name, line }) => ({
        path,
        line,
        rule: 'participle as a function name',
        text: name,
        instead: 'an imperative verb',
      })),
  ].sort((a, b) => a.line - b.line)
}
