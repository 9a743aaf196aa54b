import { posix } from 'node:path'
import ts from 'typescript'
import { impure, type Row, rows, services } from './table.ts'

/** A file of the tree; the path is relative to `packages/`. */
export type Source = Readonly<{ path: string; text: string }>
type Import = Readonly<{ from: string; names: readonly string[]; typeOnly: boolean; line: number }>

const adapterOf = (path: string) => /^adapters\/([^/]+)/.exec(path)?.[1] ?? '*'
const fits = (path: string, pattern: string) =>
  /[/:]$/.test(pattern) ? path.startsWith(pattern) : path === pattern
const belongs = (path: string, row: Row) =>
  row.files.some(file => fits(path, file.replace('*', adapterOf(path))))

export const rowOf = (path: string): Row | undefined => rows.find(row => belongs(path, row))

const SYNTAX = {
  languageVersion: ts.ScriptTarget.Latest,
  jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
} as const

/** A node and all below it, in the order of the text. */
const nodes = (root: ts.Node): readonly ts.Node[] => {
  const found: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    found.push(node)
    ts.forEachChild(node, visit)
  }
  visit(root)
  return found
}
/** What `make` makes of a source, once: every rule looks at the same trees. */
const once = <T>(make: (source: Source) => T): ((source: Source) => T) => {
  const made = new WeakMap<Source, T>()
  return source => {
    const known = made.get(source)
    if (known !== undefined) return known
    const value = make(source)
    made.set(source, value)
    return value
  }
}
const treeOf = once(({ path, text }) => ts.createSourceFile(path, text, SYNTAX, true))
const nodesOf = once(source => nodes(treeOf(source)))
const lineOf = (node: ts.Node) => node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1

const namesOf = (node: ts.ImportDeclaration | ts.ExportDeclaration) => {
  const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause
  return bindings !== undefined && (ts.isNamedImports(bindings) || ts.isNamedExports(bindings))
    ? bindings.elements.map(element => (element.propertyName ?? element.name).text)
    : ['*']
}

/** The module an import, an export, an `import()` or a type `import('')` names, and what is taken from it. */
const taken = (node: ts.Node): readonly [ts.Node | undefined, readonly string[], boolean] | undefined => {
  if (ts.isImportDeclaration(node))
    return [
      node.moduleSpecifier,
      namesOf(node),
      node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
    ]
  if (ts.isExportDeclaration(node)) return [node.moduleSpecifier, namesOf(node), node.isTypeOnly]
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return [node.arguments[0], ['*'], false]
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return [node.argument.literal, [node.qualifier?.getText() ?? '*'], true]
  return undefined
}

export const importsOf = once((source: Source): readonly Import[] =>
  // Only calls and types stand deeper than the statements of a file.
  (/\bimport\s*\(/.test(source.text) ? nodesOf(source) : treeOf(source).statements).flatMap(node => {
    const [module, names = [], typeOnly = false] = taken(node) ?? []
    if (module === undefined) return []
    const text = ts.isStringLiteralLike(module) ? module.text : '(computed)'
    const from = text.startsWith('.') ? posix.join(posix.dirname(source.path), text) : text
    return [{ from, names, typeOnly, line: lineOf(node) }]
  }),
)

const inTesting = /^(core\/src\/|adapters\/[^/]+\/src\/|@sessionwire\/[^/]+\/)testing(\.ts$|\/|$)/
export const isTesting = (path: string): boolean => inTesting.test(path)

const mayImport = (row: Row, path: string, { from, names, typeOnly }: Import) => {
  if (isTesting(from) && !isTesting(path)) return false
  if (belongs(from, row)) return adapterOf(from) === adapterOf(path)
  return row.may.some(entry => {
    const [pattern = '', only] = entry.replace('*', adapterOf(path)).split(/(?<=.)#/)
    return fits(from, pattern) && (only === undefined || (typeOnly && names.every(name => name === only)))
  })
}

/** The imports of a file that the table does not allow. */
export const wrongImports = (source: Source): readonly string[] => {
  const row = rowOf(source.path)
  if (row === undefined) return [`${source.path}: no row of the table fits this file`]
  return importsOf(source).flatMap(found => {
    const at = `${source.path}:${found.line}`
    if (!mayImport(row, source.path, found))
      return [`${at}: ${row.room} may not import ${found.names} from ${found.from}`]
    return /^zod(\/mini)?$/.test(found.from) && found.names.includes('z')
      ? [`${at}: write \`import * as z from '${found.from}'\`, or bundles keep all of zod`]
      : []
  })
}

/** Whether an identifier only names a property or a type. */
const isName = (node: ts.Identifier) => {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) return parent.name === node
  if (ts.isBindingElement(parent)) return parent.propertyName === node
  return ts.isTypeElement(parent) || ts.isTypeNode(parent)
}

/** `a` or `a.b`; anything longer has no name here. */
const dotted = (node: ts.Expression): string | undefined => {
  if (ts.isIdentifier(node)) return node.text
  return ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)
    ? `${node.expression.text}.${node.name.text}`
    : undefined
}

const impurity = (node: ts.Node): string | undefined => {
  if (ts.isAwaitExpression(node)) return 'await'
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async'
  if (ts.isNewExpression(node)) {
    const name = dotted(node.expression)
    return name === 'Promise' || (name === 'Date' && !node.arguments?.length) ? `new ${name}()` : undefined
  }
  if (ts.isCallExpression(node) && dotted(node.expression) === 'Date') return 'Date()'
  if (ts.isPropertyAccessExpression(node)) {
    const name = dotted(node)
    return name !== undefined && impure.has(name) ? name : undefined
  }
  return ts.isIdentifier(node) && !isName(node) && impure.has(node.text) ? node.text : undefined
}

/** What a file of a pure room touches that it must be given. */
export const impurities = (source: Source): readonly string[] => {
  const row = rowOf(source.path)
  return row?.pure === undefined
    ? []
    : nodesOf(source).flatMap(node => {
        const what = impurity(node)
        return what === undefined || row.may.includes(what)
          ? []
          : [`${source.path}:${lineOf(node)}: ${row.room} is pure and has ${what}`]
      })
}

const wordsIn = (node: ts.Node) =>
  ts.isIdentifier(node) ||
  ts.isLiteralExpression(node) ||
  ts.isTemplateHead(node) ||
  ts.isTemplateMiddleOrTemplateTail(node)
    ? node.text
    : ''

/** Where a file outside its comments names a service. */
export const serviceNames = (source: Source): readonly string[] =>
  (services.test(source.text) ? nodesOf(source) : [])
    .filter(node => services.test(wordsIn(node)))
    .map(node => `${source.path}:${lineOf(node)}: core names a service: ${wordsIn(node)}`)

/** Imports that run when a module is loaded: not those of types, and no `import()`. */
const loadedBy = (source: Source): readonly string[] =>
  treeOf(source).statements.flatMap(node => {
    if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return []
    const [module, , typeOnly] = taken(node) ?? []
    if (typeOnly === true || module === undefined || !ts.isStringLiteralLike(module)) return []
    return module.text.startsWith('.') ? [posix.join(posix.dirname(source.path), module.text)] : []
  })

/** Circles of imports, each as the paths along it. */
export const circularImports = (sources: readonly Source[]): readonly string[] => {
  const loaded = new Map(sources.map(source => [source.path, loadedBy(source)]))
  const finished = new Set<string>()
  const circles: string[] = []
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' → '))
    if (finished.has(path) || way.includes(path)) return
    for (const next of loaded.get(path) ?? []) visit(next, [...way, path])
    finished.add(path)
  }
  for (const path of loaded.keys()) visit(path, [])
  return circles
}
