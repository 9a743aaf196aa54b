import type * as z from 'zod'

type Field = Readonly<{ safeParse: (value: unknown) => Readonly<{ success: boolean }> }>

/** The readings of a text from a query, the plainest first: itself, JSON, a list at its commas. */
const readingsOf = (texts: readonly string[]): readonly unknown[] => {
  const [text = ''] = texts
  if (texts.length > 1) return [texts, texts.map(asJson)]
  const parts = text.split(',')
  return [text, asJson(text), parts, parts.map(asJson)]
}

const asJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The reading by which a value is refused: a number where the field takes some number, else the text. */
const nearest = (field: Field, texts: readonly string[]): unknown => {
  const [text = ''] = texts
  const value = asJson(text)
  const takesNumbers = [0, 1].some(each => field.safeParse(each).success)
  return texts.length === 1 && typeof value === 'number' && takesNumbers ? value : readingsOf(texts)[0]
}

/** A query as input of a schema: each value is read as what its field takes. Unknown names stay, so that they are refused. */
export const readQuery = (input: z.ZodType, query: URLSearchParams): Readonly<Record<string, unknown>> => {
  const shape: Readonly<Record<string, Field>> =
    'shape' in input ? (input.shape as Readonly<Record<string, Field>>) : {}
  const names = new Set(query.keys())
  return Object.fromEntries(
    [...names].map(name => {
      const texts = query.getAll(name)
      const field = Object.hasOwn(shape, name) ? shape[name] : undefined
      const readings = readingsOf(texts)
      const fits = field === undefined ? undefined : readings.find(each => field.safeParse(each).success)
      return [name, fits ?? (field === undefined ? readings[0] : nearest(field, texts))]
    }),
  )
}
