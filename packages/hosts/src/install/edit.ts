import { invalidConfig } from '@sessionwire/core/adapter'
import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser'

/** A change of a text: `length` characters at `offset` become `content`. */
type Edit = Readonly<{ offset: number; length: number; content: string }>

const applyEdit = (text: string, { offset, length, content }: Edit): string =>
  text.slice(0, offset) + content + text.slice(offset + length)

/** Applies edits that do not overlap, in one pass. */
const applyEdits = (text: string, edits: readonly Edit[]): string => {
  const pieces: string[] = []
  let from = 0
  for (const { offset, length, content } of edits.toSorted((a, b) => a.offset - b.offset)) {
    pieces.push(text.slice(from, offset), content)
    from = offset + length
  }
  return pieces.join('') + text.slice(from)
}

const OPTIONS = { allowTrailingComma: true, disallowComments: false }

/** The tree of a JSON text with comments. Throws `CONFIG` for one that does not parse. */
export const parse = (text: string, file: string): Node => {
  const errors: ParseError[] = []
  let tree: Node | undefined
  try {
    tree = parseTree(text, errors, OPTIONS)
  } catch {
    // The parser calls itself for each level: no other text makes it throw.
    throw invalidConfig({
      field: file,
      problem: 'nested too deeply',
      todo: 'Fix the file; nothing was changed.',
    })
  }
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

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g

/** Where a comma stands between two offsets, outside of comments. */
const commaBetween = (text: string, from: number, to: number): number | undefined => {
  const between = text.slice(from, to).replace(COMMENT, comment => ' '.repeat(comment.length))
  const found = between.indexOf(',')
  return found < 0 ? undefined : from + found
}

/** Where the space in front of an offset begins; `isNeeded`: a line feed that ends a comment stays. */
const spaceBefore = (text: string, from: number, to: number, isNeeded: boolean): number => {
  const between = text.slice(from, to)
  const start = from + between.trimEnd().length
  const last = isNeeded ? [...between.matchAll(COMMENT)].at(-1) : undefined
  if (last?.[0].startsWith('//') !== true) return start
  const end = from + last.index + last[0].length
  return end >= start ? end + 1 : start
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

const LINE_END = /[ \t]*\r?\n/y

/** The edits that remove children of an array or object, each with its comma and the space in front of it. */
const removals = (text: string, container: Node, gone: ReadonlySet<Node>): readonly Edit[] => {
  if (gone.size === 0) return []
  const children = container.children ?? []
  const [from, to] = [container.offset + 1, endOf(container) - 1]
  const cuts: Edit[] = []
  let keptComma: number | undefined
  for (const [place, child] of children.entries()) {
    const comma = commaBetween(text, endOf(child), children[place + 1]?.offset ?? to)
    if (!gone.has(child)) {
      keptComma = comma
      continue
    }
    const [before, after] = [children[place - 1], children[place + 1]]
    const end = comma === undefined ? endOf(child) : comma + 1
    LINE_END.lastIndex = end
    const endsLine = (after === undefined || !gone.has(after)) && LINE_END.test(text)
    const start = spaceBefore(text, before === undefined ? from : endOf(before), child.offset, !endsLine)
    cuts.push({ offset: start, length: end - start, content: '' })
    // The last one without a comma of its own: the one in front of it goes.
    if (comma === undefined && keptComma !== undefined)
      cuts.push({ offset: keptComma, length: 1, content: '' })
  }
  if (children.some(child => !gone.has(child))) return cuts
  const left = applyEdits(
    text.slice(from, to),
    cuts.map(each => ({ ...each, offset: each.offset - from })),
  )
  // Only space is left: the brackets close again, around what stood between them before the children.
  const added = eolOf(text) + indentAt(text, container.offset)
  const space = left.startsWith(added) ? added.length : left.length
  return [{ offset: from, length: to - from, content: left.trim() === '' ? left.slice(space) : left }]
}

const remove = (text: string, container: Node, child: Node): string =>
  applyEdits(text, removals(text, container, new Set([child])))

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

/** The edits that remove our commands from an entry that has others too: a host's own editor puts those of one matcher together. */
const removeWithin = (text: string, entry: Node, isOurs: (command: unknown) => boolean): readonly Edit[] => {
  const inner = findNodeAtLocation(entry, ['hooks'])
  if (inner?.type !== 'array') return []
  return removals(text, inner, new Set((inner.children ?? []).filter(each => isOwn(each, isOurs))))
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
  const root = parse(text, file)
  const hooks = findNodeAtLocation(root, ['hooks'])
  if (hooks?.type !== 'object' || hooks.children === undefined) return text
  const emptied = new Set<Node>()
  const edits = hooks.children.flatMap(property => {
    const [key, list] = property.children ?? []
    const entries = list?.type === 'array' ? (list.children ?? []) : []
    const own = entries.filter(each => isOwn(each, isOurs))
    const within = entries.flatMap(each => (own.includes(each) ? [] : removeWithin(text, each, isOurs)))
    if (list === undefined || own.length === 0) return within
    if (own.length < entries.length || keep.includes(`hooks.${key?.value}`))
      return [...within, ...removals(text, list, new Set(own))]
    emptied.add(property)
    return []
  })
  const whole = emptied.size > 0 && emptied.size === hooks.children.length && !keep.includes('hooks')
  if (whole && hooks.parent !== undefined) return remove(text, root, hooks.parent)
  return applyEdits(text, [...edits, ...removals(text, hooks, emptied)])
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
