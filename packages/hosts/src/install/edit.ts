import { invalidConfig } from '@sessionwire/core/adapter'
import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser'

/** A change of a text: `length` characters at `offset` become `content`. */
type Edit = Readonly<{ offset: number; length: number; content: string }>

const applyEdit = (text: string, { offset, length, content }: Edit): string =>
  text.slice(0, offset) + content + text.slice(offset + length)

/** The tree of a JSON text with comments. Throws `CONFIG` for one that does not parse. */
export const parse = (text: string, file: string): Node => {
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false })
  if (tree?.type === 'object' && errors.length === 0) return tree
  const [first] = errors
  const line = first === undefined ? 1 : text.slice(0, first.offset).split('\n').length
  throw invalidConfig({
    field: file,
    problem: `not valid JSON at line ${line}`,
    expected: 'an object',
    todo: 'Fix the file; nothing was changed.',
  })
}

const eolOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')

/** One step of the file's own indent: that of its first indented line. */
const unitOf = (text: string): string => /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '

const indentAt = (text: string, offset: number): string => {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? ''
}

const stringify = (value: unknown, text: string, indent: string): string =>
  JSON.stringify(value, null, unitOf(text)).replaceAll('\n', eolOf(text) + indent)

/** Where a comma stands between two offsets, outside of comments. */
const commaBetween = (text: string, from: number, to: number): number | undefined => {
  const between = text
    .slice(from, to)
    .replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, comment => ' '.repeat(comment.length))
  const found = between.indexOf(',')
  return found < 0 ? undefined : from + found
}

const endOf = ({ offset, length }: Node): number => offset + length

/** Appends to an array or object, behind what stands there; the rest stays byte for byte. */
const append = (text: string, container: Node, item: (indent: string) => string): string => {
  const last = container.children?.at(-1)
  const eol = eolOf(text)
  const outer = indentAt(text, container.offset)
  const indent = outer + unitOf(text)
  if (last === undefined)
    return applyEdit(text, {
      offset: container.offset + 1,
      length: 0,
      content: `${eol}${indent}${item(indent)}${eol}${outer}`,
    })
  const comma = commaBetween(text, endOf(last), endOf(container) - 1)
  return comma === undefined
    ? applyEdit(text, { offset: endOf(last), length: 0, content: `,${eol}${indent}${item(indent)}` })
    : applyEdit(text, { offset: comma + 1, length: 0, content: `${eol}${indent}${item(indent)},` })
}

const at = (text: string, file: string, path: readonly (string | number)[]): Node | undefined =>
  findNodeAtLocation(parse(text, file), [...path])

const typeAt = (node: Node, expected: 'array' | 'object', file: string, path: readonly string[]): Node => {
  if (node.type === expected) return node
  throw invalidConfig({
    field: `${file}: ${path.join('.')}`,
    problem: 'invalid type',
    expected: `an ${expected}`,
    got: `${node.type === 'array' || node.type === 'object' ? 'an' : 'a'} ${node.type}`,
    todo: 'Fix the file; nothing was changed.',
  })
}

/** Appends a value to the array `hooks.<event>`, making what is missing. */
export const addHook = (text: string, file: string, event: string, value: unknown): string => {
  const hooks = at(text, file, ['hooks'])
  if (hooks === undefined)
    return append(
      text,
      parse(text, file),
      indent => `"hooks": ${stringify({ [event]: [value] }, text, indent)}`,
    )
  typeAt(hooks, 'object', file, ['hooks'])
  const list = at(text, file, ['hooks', event])
  if (list === undefined)
    return append(text, hooks, indent => `${JSON.stringify(event)}: ${stringify([value], text, indent)}`)
  return append(text, typeAt(list, 'array', file, ['hooks', event]), indent => stringify(value, text, indent))
}

/** Removes one child of an array or object, with its comma and the space in front of it. */
const remove = (text: string, container: Node, child: Node): string => {
  const children = container.children ?? []
  const place = children.indexOf(child)
  const [before, after] = [children[place - 1], children[place + 1]]
  let start = child.offset
  while (start > 0 && /\s/.test(text[start - 1] ?? '')) start--
  const ownComma = commaBetween(text, endOf(child), after?.offset ?? endOf(container) - 1)
  let result = applyEdit(text, {
    offset: start,
    length: (ownComma === undefined ? endOf(child) : ownComma + 1) - start,
    content: '',
  })
  // The last of several without a comma of its own: the one in front of it goes.
  const comma =
    before === undefined || ownComma !== undefined
      ? undefined
      : commaBetween(text, endOf(before), child.offset)
  if (comma !== undefined) result = applyEdit(result, { offset: comma, length: 1, content: '' })
  if (children.length > 1) return result
  // Only space is left: the brackets close again, around what stood between them before the child.
  const inner = result.slice(container.offset + 1)
  const added = eolOf(text) + indentAt(text, container.offset)
  const space = inner.startsWith(added) ? added.length : (/^\s*/.exec(inner)?.[0].length ?? 0)
  return /^\s*[\]}]/.test(inner)
    ? applyEdit(result, { offset: container.offset + 1, length: space, content: '' })
    : result
}

/** The commands of an entry, in the form of any host. */
const commandsOf = (node: Node): readonly Node[] => {
  const own = ['command', 'bash', 'powershell'].flatMap(name => findNodeAtLocation(node, [name]) ?? [])
  const inner = findNodeAtLocation(node, ['hooks'])
  return [...own, ...(inner?.type === 'array' ? (inner.children ?? []).flatMap(commandsOf) : [])]
}

/** An entry whose commands are all ours. */
const isOwn = (node: Node, isOurs: (command: unknown) => boolean): boolean => {
  const commands = commandsOf(node)
  return commands.length > 0 && commands.every(({ value }) => isOurs(value))
}

/** Commands of a file's hooks that are ours, with their events. */
export const findHooks = (
  text: string,
  file: string,
  isOurs: (command: unknown) => boolean,
): readonly Readonly<{ event: string; command: string }>[] => {
  const hooks = at(text, file, ['hooks'])
  if (hooks?.type !== 'object') return []
  return (hooks.children ?? []).flatMap(({ children: [key, list] = [] }) =>
    list?.type !== 'array'
      ? []
      : (list.children ?? [])
          .flatMap(commandsOf)
          .flatMap(({ value }) =>
            isOurs(value) ? [{ event: String(key?.value), command: String(value) }] : [],
          ),
  )
}

/**
 * Removes every entry that is ours. An array or object that becomes empty by it goes too, but for those in `keep`, which were
 * empty before.
 */
export const removeHooks = (
  text: string,
  file: string,
  isOurs: (command: unknown) => boolean,
  keep: readonly string[],
): string => {
  let result = text
  for (;;) {
    const hooks = at(result, file, ['hooks'])
    if (hooks?.type !== 'object') return result
    const lists = (hooks.children ?? []).flatMap(({ children: [key, list] = [] }) =>
      list?.type === 'array' ? [{ event: String(key?.value), list }] : [],
    )
    const found = lists
      .map(({ event, list }) => ({ event, list, own: list.children?.find(each => isOwn(each, isOurs)) }))
      .find(({ own }) => own !== undefined)
    if (found?.own === undefined) return result
    result = remove(result, found.list, found.own)
    const left = at(result, file, ['hooks', found.event])
    if (left?.children?.length !== 0 || keep.includes(`hooks.${found.event}`)) continue
    const parent = at(result, file, ['hooks'])
    const property = left.parent
    if (parent === undefined || property === undefined) continue
    result = remove(result, parent, findSame(parent, property))
    const empty = at(result, file, ['hooks'])
    if (empty?.children?.length !== 0 || keep.includes('hooks')) continue
    const root = parse(result, file)
    const whole = findNodeAtLocation(root, ['hooks'])?.parent
    if (whole !== undefined) result = remove(result, root, whole)
  }
}

const findSame = (parent: Node, child: Node): Node =>
  parent.children?.find(({ offset }) => offset === child.offset) ?? child

/** Arrays and objects of the hooks that are empty, as `hooks` and `hooks.<event>`. */
export const emptyPlaces = (text: string, file: string): readonly string[] => {
  const hooks = at(text, file, ['hooks'])
  if (hooks?.type !== 'object') return []
  const own = hooks.children?.length === 0 ? ['hooks'] : []
  const lists = (hooks.children ?? []).flatMap(({ children: [key, list] = [] }) =>
    list?.type === 'array' && list.children?.length === 0 ? [`hooks.${String(key?.value)}`] : [],
  )
  return [...own, ...lists]
}

/** Sets the property `<key>.<name>` of an object that has none of it, making what is missing. */
export const addProperty = (
  text: string,
  file: string,
  key: string,
  name: string,
  value: unknown,
): string => {
  const parent = at(text, file, [key])
  if (parent === undefined)
    return append(
      text,
      parse(text, file),
      indent => `${JSON.stringify(key)}: ${stringify({ [name]: value }, text, indent)}`,
    )
  return append(
    text,
    typeAt(parent, 'object', file, [key]),
    indent => `${JSON.stringify(name)}: ${stringify(value, text, indent)}`,
  )
}

/** Removes the property `<key>.<name>`, and an object that becomes empty by it unless it is to be kept. */
export const removeProperty = (
  text: string,
  file: string,
  key: string,
  name: string,
  keepEmpty: boolean,
): string => {
  const property = at(text, file, [key, name])?.parent
  const parent = at(text, file, [key])
  if (parent === undefined || property === undefined) return text
  const result = remove(text, parent, findSame(parent, property))
  const left = at(result, file, [key])
  if (left?.children?.length !== 0 || keepEmpty || left.parent === undefined) return result
  const root = parse(result, file)
  return remove(result, root, findSame(root, left.parent))
}

/** The value at `<key>.<name>`. */
export const findProperty = (text: string, file: string, key: string, name: string): unknown => {
  const found = at(text, file, [key, name])
  return found === undefined ? undefined : getNodeValue(found)
}
