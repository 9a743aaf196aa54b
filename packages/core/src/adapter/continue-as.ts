import type { Call, Descriptor, Instead, Lookup } from '../descriptor/descriptor.ts'
import { TrackerError } from '../session/errors.ts'
import { message } from '../session/message.ts'

/** The fields that a draft adds to its call. */
const ADDED: ReadonlySet<string> = new Set([
  ...['key', 'action', 'repeat', 'before', 'instead', 'captures', 'coalesce', 'asterisk', 'holds', 'links'],
  'onDoubt',
])

/** The call of a descriptor without what a draft adds to it. */
const callOf = (descriptor: Descriptor): Call => {
  const call: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(descriptor)) if (!ADDED.has(name)) call[name] = value
  return call as unknown as Call
}

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
    throw new TrackerError(
      'ADAPTER',
      message({
        field: `${create.action}.repeat`,
        problem: 'invalid value',
        expected: 'a look-up, as nothing else finds the comment again',
        got: `"${repeat}"`,
      }),
      { field: 'repeat' },
    )
  const {
    by: _,
    afterMs: __,
    againMs: ___,
    first: ____,
    ...lookup
  } = repeat as Exclude<typeof repeat, string>
  return { find: find ?? lookup, edit: callOf(edit), create: callOf(create) }
}
