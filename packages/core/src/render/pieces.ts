import type { Call, HttpCall } from '../descriptor/descriptor.ts'
import { wireFields } from '../descriptor/fill.ts'
import { type Slot, slotOf, slotsIn } from '../descriptor/refs.ts'
import type { Variables } from '../descriptor/renderer.ts'
import { addressParts, percentEncoded } from '../descriptor/wire.ts'
import type { Json } from '../session/schema.ts'

/** A text with places: fixed parts, and names of variables; `secret`: the variable is one that the shell has. */
export type Piece = string | Readonly<{ variable: string; secret?: true }>

// Names that a shell keeps for itself, besides everything in capitals: a placeholder must not change where programs are found.
const KEPT = new Set(
  'path status argv prompt cdpath fpath options commands functions aliases histchars'.split(' '),
)

const plain = (name: string) => name.replace(/\W/g, '_').replace(/^(?=\d|$)/, '_')
const nameSlot = (slot: Slot): string => {
  if ('secret' in slot) return plain(slot.secret)
  if ('attempt' in slot) {
    const { as = 'iso', backMs = 0 } = slot.attempt
    return `first_at${as === 'iso' ? '' : `_${as}`}${backMs === 0 ? '' : `_less_${backMs}_ms`}`
  }
  const change = slot.block !== undefined ? '_with_block' : slot.with === undefined ? '' : '_joined'
  const name = plain(slot.ref) + change
  return KEPT.has(name) || name === name.toUpperCase() ? `value_${name}` : name
}

/** Names of shell variables for the placeholders of a call, no two alike; a secret keeps its own name. */
export const variables = (call: Call): Variables => {
  const taken = new Map<string, string>()
  const keyOf = (slot: Slot) =>
    'ref' in slot ? JSON.stringify([slot.ref, slot.with, slot.block]) : `{${nameSlot(slot)}}`
  const isSecret = (slot: Slot) => 'secret' in slot
  // A secret keeps its own name, so a placeholder of the same name gives way.
  for (const slot of [...slotsIn(call)].sort((a, b) => Number(isSecret(b)) - Number(isSecret(a)))) {
    const used = new Set(taken.values())
    let name = nameSlot(slot)
    while (used.has(name)) name += '_'
    if (!taken.has(keyOf(slot))) taken.set(keyOf(slot), name)
  }
  return { of: slot => taken.get(keyOf(slot)) ?? nameSlot(slot), secret: plain }
}

/** The same text, neighbouring fixed parts as one. */
export const joinPieces = (pieces: readonly Piece[]): readonly Piece[] => {
  const all: Piece[] = []
  for (const piece of pieces) {
    const last = all.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') all[all.length - 1] = last + piece
    else all.push(piece)
  }
  return all.filter(piece => piece !== '')
}

/** Writes fixed parts by `change`, and leaves the variables as they are. */
const changeText = (pieces: readonly Piece[], change: (text: string) => string): readonly Piece[] =>
  pieces.map(piece => (typeof piece === 'string' ? change(piece) : piece))

/** Whether the value of a placeholder is surely not a string: a time in milliseconds, or an array or object that was changed. */
const isBare = (slot: Slot) =>
  'attempt' in slot
    ? slot.attempt.as === 'milliseconds'
    : 'ref' in slot && (slot.with !== undefined || Array.isArray(slot.block?.put))

/** The variable of a placeholder. */
const variableOf = (slot: Slot, { of }: Pick<Variables, 'of'>): Piece =>
  'secret' in slot ? { variable: of(slot), secret: true } : { variable: of(slot) }

const writeJson = (value: Json, { of }: Variables, gap: string, step: string): readonly Piece[] => {
  const slot = slotOf(value)
  if (slot !== undefined)
    return isBare(slot) ? [variableOf(slot, { of })] : ['"', variableOf(slot, { of }), '"']
  if (value === null || typeof value !== 'object') return [JSON.stringify(value)]
  const deeper = gap + step
  const colon = step === '' ? ':' : ': '
  const items = Array.isArray(value)
    ? value.map((item: Json) => writeJson(item, { of } as Variables, deeper, step))
    : Object.entries(value).map(([key, inner]) => [
        JSON.stringify(key) + colon,
        ...writeJson(inner, { of } as Variables, deeper, step),
      ])
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  if (items.length === 0) return [`${open}${close}`]
  return [
    `${open}${deeper}`,
    ...items.flatMap((item, place) => (place === 0 ? item : [`,${deeper}`, ...item])),
    `${gap}${close}`,
  ]
}

/** JSON text over several lines, a placeholder as a JSON string (bare where its value is certainly not a string). */
const jsonPieces = (value: Json, names: Variables): readonly Piece[] =>
  joinPieces(writeJson(value, names, '\n', '  '))

/** A field of a query or a form as it is meant, before percent-encoding. */
export const fieldPieces = (value: Json, names: Variables): readonly Piece[] => {
  const slot = slotOf(value)
  if (slot !== undefined) return [variableOf(slot, names)]
  return typeof value === 'string' ? [value] : joinPieces(writeJson(value, names, '', ''))
}

/** A query or a form, percent-encoded. */
const formPieces = (value: Json | undefined, names: Variables): readonly Piece[] =>
  joinPieces(
    wireFields(value).flatMap(([name, field], place) => [
      `${place === 0 ? '' : '&'}${percentEncoded(name)}=`,
      ...changeText(fieldPieces(field, names), percentEncoded),
    ]),
  )

/** The address with its query. */
export const addressPieces = ({ endpoint, query }: HttpCall, names: Variables): readonly Piece[] => {
  const base =
    typeof endpoint === 'string'
      ? addressParts(endpoint).map(part => (typeof part === 'string' ? part : variableOf(part, names)))
      : [{ variable: names.secret(endpoint.$secret), secret: true as const }]
  const more = formPieces(query, names)
  const first = typeof endpoint === 'string' && endpoint.includes('?') ? '&' : '?'
  return joinPieces(more.length === 0 ? base : [...base, first, ...more])
}

/** The body as it is written: JSON over several lines, a form, a line for each item, or the text itself. */
export const bodyPieces = ({ payload, encoding = 'json' }: HttpCall, names: Variables): readonly Piece[] => {
  if (payload === undefined) return []
  if (encoding === 'form') return formPieces(payload, names)
  if (encoding === 'raw') return fieldPieces(payload, names)
  if (encoding === 'ndjson' && Array.isArray(payload))
    return joinPieces(payload.flatMap((item: Json) => [...writeJson(item, names, '', ''), '\n']))
  return jsonPieces(payload, names)
}
