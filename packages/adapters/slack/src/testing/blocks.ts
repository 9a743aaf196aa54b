import type { Json } from '@sessionwire/core/adapter'

type Fields = Readonly<Record<string, Json | undefined>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A fault of blocks: an error's word and, for the Web API, where. */
export type Fault = Readonly<{ error: string; messages: readonly string[] }>

const fault = (error: string, ...messages: readonly string[]): Fault => ({ error, messages })
const invalid = (what: string, at: string): Fault =>
  fault('invalid_blocks', `[ERROR] ${what} [json-pointer:${at}]`)

const lengthFault = (value: Json | undefined, most: number, at: string): Fault | undefined => {
  if (typeof value !== 'string') return invalid('must be a string', at)
  if (value.length === 0) return invalid('must be more than 0 characters', at)
  return value.length > most ? invalid(`must be less than ${most + 1} characters`, at) : undefined
}

const textFault = (
  value: Json | undefined,
  kinds: readonly string[],
  most: number,
  at: string,
): Fault | undefined => {
  if (!isFields(value) || !kinds.includes(String(value.type)))
    return invalid(`must be ${kinds.join(' or ')}`, at)
  return lengthFault(value.text, most, `${at}/text`)
}

const first = <T>(
  items: readonly T[],
  check: (item: T, place: number) => Fault | undefined,
): Fault | undefined => {
  for (const [place, item] of items.entries()) {
    const found = check(item, place)
    if (found !== undefined) return found
  }
  return undefined
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])

/** Elements of a line and the fields they must have. */
const PIECES: Readonly<Record<string, readonly string[]>> = {
  text: ['text'],
  link: ['url'],
  emoji: ['name'],
  user: ['user_id'],
  usergroup: ['usergroup_id'],
  channel: ['channel_id'],
  broadcast: ['range'],
  date: ['timestamp', 'format'],
  color: ['value'],
}
const STYLES = new Set(['bold', 'italic', 'strike', 'code', 'underline'])

const pieceFault = (piece: Json, at: string): Fault | undefined => {
  const needs = isFields(piece) ? PIECES[String(piece.type)] : undefined
  if (!isFields(piece) || needs === undefined) return invalid('unsupported type', at)
  for (const name of needs)
    if (piece[name] === undefined || piece[name] === '') return invalid(`missing required field: ${name}`, at)
  const text = typeof piece.text === 'string' ? lengthFault(piece.text, 3_000 * 4, `${at}/text`) : undefined
  const style = piece.style
  if (style !== undefined && !(isFields(style) && Object.keys(style).every(name => STYLES.has(name))))
    return invalid('invalid additional property', `${at}/style`)
  return text
}

const linesFault = (part: Json, at: string): Fault | undefined => {
  if (!isFields(part)) return invalid('must be an object', at)
  const elements = listOf(part.elements)
  if (elements.length === 0) return invalid('no items', `${at}/elements`)
  const type = String(part.type)
  if (type === 'rich_text_list') {
    if (part.style !== 'bullet' && part.style !== 'ordered')
      return invalid('must be a valid enum', `${at}/style`)
    return first(elements, (item, place) =>
      isFields(item) && item.type === 'rich_text_section'
        ? linesFault(item, `${at}/elements/${place}`)
        : invalid('must be a rich_text_section', `${at}/elements/${place}`),
    )
  }
  if (!['rich_text_section', 'rich_text_quote', 'rich_text_preformatted'].includes(type))
    return invalid('unsupported type', at)
  return first(elements, (piece, place) => pieceFault(piece, `${at}/elements/${place}`))
}

const BOTH = ['plain_text', 'mrkdwn']

type Check = (block: Fields, at: string) => Fault | undefined

/** The blocks of a message, by the limits of https://docs.slack.dev/reference/block-kit/blocks. */
const BLOCKS: Readonly<Record<string, Check>> = {
  divider: () => undefined,
  header: (block, at) => textFault(block.text, ['plain_text'], 150, `${at}/text`),
  section: (block, at) => {
    const fields = listOf(block.fields)
    if (block.text === undefined && fields.length === 0) return invalid('missing required field: text', at)
    if (fields.length > 10) return invalid('no more than 10 items allowed', `${at}/fields`)
    const text = block.text === undefined ? undefined : textFault(block.text, BOTH, 3_000, `${at}/text`)
    return text ?? first(fields, (field, place) => textFault(field, BOTH, 2_000, `${at}/fields/${place}`))
  },
  context: (block, at) => {
    const elements = listOf(block.elements)
    if (elements.length === 0 || elements.length > 10)
      return invalid('1 to 10 items allowed', `${at}/elements`)
    return first(elements, (item, place) =>
      isFields(item) && item.type === 'image'
        ? lengthFault(item.image_url, 3_000, `${at}/elements/${place}/image_url`)
        : textFault(item, BOTH, 3_000, `${at}/elements/${place}`),
    )
  },
  markdown: (block, at) => lengthFault(block.text, 12_000, `${at}/text`),
  rich_text: (block, at) => {
    const parts = listOf(block.elements)
    return parts.length === 0
      ? invalid('no items', `${at}/elements`)
      : first(parts, (part, place) => linesFault(part, `${at}/elements/${place}`))
  },
}

/** Every text in blocks. */
const textsIn = (value: Json | undefined): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(item => textsIn(item as Json))
  if (!isFields(value)) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'text' && typeof inner === 'string' ? [inner] : textsIn(inner),
  )
}

/** The fault that keeps blocks from being posted. */
export const blocksFault = (blocks: Json): Fault | undefined => {
  if (!Array.isArray(blocks)) return fault('invalid_blocks_format')
  const list = blocks as readonly Json[]
  if (list.length > 50) return invalid('no more than 50 items allowed', '/blocks')
  const wrong = first(list, (block, place) => {
    const check = isFields(block) ? BLOCKS[String(block.type)] : undefined
    if (!isFields(block) || check === undefined) return invalid('unsupported type', `/blocks/${place}`)
    const id = block.block_id
    if (typeof id === 'string' && id.length > 255)
      return invalid('must be less than 256 characters', `/blocks/${place}`)
    return check(block, `/blocks/${place}`)
  })
  if (wrong !== undefined) return wrong
  const size = textsIn(list).reduce((sum, text) => sum + text.length, 0)
  return size > 13_200 ? fault('msg_blocks_too_long') : undefined
}

const LIVE = /<(![^>\n]*|@[^>\n]*|#[^>\n]*|(?:https?|mailto|tel):[^>\n]*)>/g
const PINGS = new Set(['broadcast', 'user', 'usergroup', 'channel'])

/** Parts of a message that would notify a person or be a link: markup in texts that are read for it, and elements that say so. */
export const liveIn = (text: string, blocks: Json | undefined): readonly string[] => {
  const inBlock = (value: Json | undefined, rich: boolean): readonly string[] => {
    if (Array.isArray(value)) return value.flatMap(item => inBlock(item as Json, rich))
    if (!isFields(value)) return []
    const type = String(value.type)
    const data = rich || type === 'rich_text'
    const own =
      !data && typeof value.text === 'string' && type !== 'plain_text' ? (value.text.match(LIVE) ?? []) : []
    const ping = data && (PINGS.has(type) || type === 'link') ? [JSON.stringify(value)] : []
    return [...own, ...ping, ...Object.values(value).flatMap(inner => inBlock(inner, data))]
  }
  return [...(text.match(LIVE) ?? []), ...inBlock(blocks, false)]
}
