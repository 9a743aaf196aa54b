/**
 * Sessions as Markdown files: a note for each session in a folder or an Obsidian vault, lines in the daily note, decision
 * records.
 * @module files
 */
import {
  type Adapter,
  type AdapterFactory,
  type Descriptor,
  defineAdapter,
  fieldsOf,
  showValue,
} from '@sessionwire/core/adapter'
import { actions, fileCall } from './actions.ts'
import { configure, type FilesConfig, type FilesOptions, options, secrets } from './config.ts'
import { diffRenderer } from './diff.ts'
import { transport } from './disk/transport.ts'
import { hooks } from './hooks.ts'
import { outcome } from './outcome.ts'

export type { FilesConfig, FilesOptions } from './config.ts'

/** An adapter for Markdown files. */
export type FilesAdapter<N extends string = string> = Adapter<FilesConfig, N, typeof actions, never>

const payloadOf = (descriptor: Descriptor) =>
  fieldsOf(descriptor.kind === 'custom' ? descriptor.payload : undefined)
const pathOf = (descriptor: Descriptor): string => {
  const { path } = payloadOf(descriptor)
  return typeof path === 'string' ? path : "the session's note"
}
const entryOf = (descriptor: Descriptor): string => {
  const { line } = fieldsOf(fieldsOf(payloadOf(descriptor).patch).entry)
  return showValue(line)
}

/** Sessions as Markdown files: `files({ root: '/srv/vault' })`, or `files.fromEnv()`. */
export const files: AdapterFactory<FilesOptions, FilesConfig, typeof actions, 'files'> = defineAdapter({
  service: 'files',
  options,
  secrets,
  env: { root: 'OBSIDIAN_VAULT_PATH' },
  configure,
  actions,
  hooks,
  outcome,
  limits: { concurrency: 4, rates: {} },
  check: config => ({ call: fileCall(config, { do: 'check' }) }),
  cardLookups: config => [{ call: fileCall(config, { do: 'stat', path: { $ref: 'path' } }) }],
  link: ({ captured }, { root }) =>
    typeof captured.path === 'string'
      ? {
          name: captured.path,
          url: `file://${`${root.startsWith('/') ? '' : '/'}${root.replaceAll('\\', '/')}/${captured.path}`.split('/').map(encodeURIComponent).join('/')}`,
        }
      : undefined,
  transport,
  renderers: { file: diffRenderer },
  origins: () => [],
  describe: {
    createNote: descriptor => `create ${pathOf(descriptor)}`,
    editNote: () => "edit the card in the session's note",
    addEntry: descriptor => `add to the log: ${entryOf(descriptor)}`,
    addDailyLine: descriptor => `add to ${pathOf(descriptor)}: ${entryOf(descriptor)}`,
    createRecord: descriptor => `write decision record ${showValue(payloadOf(descriptor).slug)}`,
    createComment: descriptor => `add to the log of ${pathOf(descriptor)}: ${entryOf(descriptor)}`,
    createDocument: descriptor => `create ${pathOf(descriptor)}`,
  },
})
