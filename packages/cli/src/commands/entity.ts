import { defineCommand } from '../command.ts'
import { usage } from '../failure.ts'
import { makeRecordedShape, recordOnCurrent, signCall } from '../recording.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** `name=value` pairs as an object of strings. */
const parsePairs = (pairs: readonly string[]): Record<string, Json> =>
  Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=')
      if (at < 1) throw usage(`--property: expected name=value, got ${JSON.stringify(pair.slice(0, 80))}.`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )

export const entity = defineCommand({
  name: 'entity',
  group: 'Record',
  about: 'Records something that the work touched',
  examples: ['sessionwire entity InvoiceLock --type class --path src/lock.ts'],
  uses: 'recording',
  arguments: [{ name: 'name', about: 'Its name' }],
  options: {
    type: { about: 'A word for its type (default file)', value: 'word' },
    path: { about: 'A file or a web address', value: 'path' },
    about: { about: 'Its purpose', value: 'text' },
    property: { about: 'name=value', value: 'pair', many: true },
  },
  json: z => z.strictObject(makeRecordedShape(z)),
  run: (context, { name }, { type = 'file', path, about, property }) =>
    recordOnCurrent(
      context,
      (session, opened) =>
        session.entity({
          ...signCall(context, opened),
          name,
          type,
          ...(path === undefined ? {} : { path }),
          ...(about === undefined ? {} : { description: about }),
          ...(property === undefined ? {} : { properties: parsePairs(property) }),
        }),
      () => 'Recorded',
    ),
})
