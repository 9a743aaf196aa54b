import type { Call, Descriptor, Instead, Lookup } from '../descriptor/descriptor.ts'
import { failure } from '../session/message.ts'

/** The fields that a draft adds to its call. */
const ADDED: ReadonlySet<string> = new Set([
  ...['key', 'action', 'repeat', 'before', 'instead', 'captures', 'coalesce', 'asterisk', 'holds', 'links'],
  'onDoubt',
])

/** The call of a descriptor without what a draft adds to it. */
const callOf = (descriptor: Descriptor): Call =>
  Object.fromEntries(Object.entries(descriptor).filter(([name]) => !ADDED.has(name))) as unknown as Call

/**
 * The `instead` of a card's edit, from the steps that make and edit a status comment. Build `create` with a key that is the
 * same for the whole session: the look-up of its `repeat` then finds the one comment, by the names that `edit` needs as
 * placeholders. `find` replaces that look-up. Values that both read in `before` must be read by the edit of the card. Throws
 * `ADAPTER` where there is no look-up.
 */
export const continueAs = ({
  create,
  edit,
  find,
}: Readonly<{ create: Descriptor; edit: Descriptor; find?: Lookup }>): Instead => {
  const { repeat } = create
  if (find === undefined && typeof repeat === 'string')
    throw failure('ADAPTER', {
      field: `${create.action}.repeat`,
      problem: 'invalid value',
      expected: 'a look-up, as nothing else finds the comment again',
      got: `"${repeat}"`,
    })
  const {
    by: _,
    afterMs: __,
    againMs: ___,
    first: ____,
    ...lookup
  } = repeat as Exclude<typeof repeat, string>
  return { find: find ?? lookup, edit: callOf(edit), create: callOf(create) }
}
