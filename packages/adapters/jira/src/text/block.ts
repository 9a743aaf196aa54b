import * as z from 'zod'

/**
 * A piece of rich text before markup: its texts are raw. `standing` is a state's word with what follows it; `line` a
 * paragraph; `code` text in a fixed width.
 */
export const Block = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('heading'), text: z.string() }),
  z.strictObject({ kind: z.literal('standing'), standing: z.string().min(1).max(40), text: z.string() }),
  z.strictObject({ kind: z.literal('line'), label: z.string().max(100).optional(), text: z.string() }),
  z.strictObject({
    kind: z.literal('list'),
    label: z.string().max(100),
    items: z.array(z.string()).readonly(),
  }),
  z.strictObject({ kind: z.literal('code'), language: z.string().max(40).optional(), text: z.string() }),
])
export type Block = z.output<typeof Block>
