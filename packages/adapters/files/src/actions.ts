import { action, type CustomCall, type Json, read, step, uuidFrom } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { FilesConfig, Here } from './config.ts'
import { isSafePath, nameFrom } from './names.ts'
import type { Patch } from './patch.ts'
import { LOG, markdown, textLine } from './text.ts'

/** The kinds of calls: change one note, write a numbered record, read, list, or prove that the root is there. */
export type Job =
  | Readonly<{ do: 'patch'; path: Json; patch: Patch }>
  | Readonly<{ do: 'number'; folder: string; slug: string; mark: string; content: string }>
  | Readonly<{ do: 'read'; path: Json }>
  | Readonly<{ do: 'stat'; path: Json }>
  | Readonly<{ do: 'list'; folder: string }>
  | Readonly<{ do: 'check' }>

/** A call of the adapter's own transport. The root stands in it, so that a preview says where it goes. */
export const fileCall = ({ root }: FilesConfig, job: Job): CustomCall => ({
  kind: 'custom',
  target: 'file',
  payload: { root, ...job } as unknown as Json,
})

/** The block id of an entry. */
export const markOf = (key: string): string => `^sw-${uuidFrom(key)}`

const OWN = { $ref: 'path' } as const

/** The path of the session's note, or of another one. */
const pathOf = (path: string | undefined): Json => path ?? OWN

/** Changes a note; repeating it changes nothing. */
export const patchNote = (name: string, path: string | undefined, patchOf: (at: Here) => Patch) =>
  step(name, (at: Here) => ({
    ...fileCall(at.config, { do: 'patch', path: pathOf(path), patch: patchOf(at) }),
    repeat: 'safe',
  }))

/** Makes the note of a session, whose path later calls need. */
export const createNote = (path: string, patch: Patch) =>
  step('createNote', ({ config }: Here) => ({
    ...fileCall(config, { do: 'patch', path, patch }),
    captures: { path: '/path' },
    repeat: 'safe',
  }))

/** Writes a decision record, once. */
export const createRecord = (folder: string, slug: string, mark: string, content: string) =>
  step('createRecord', ({ config }: Here) => ({
    ...fileCall(config, { do: 'number', folder, slug, mark, content }),
    repeat: 'safe',
  }))

const PATH = 'expected the path of a note below the root, with / between its parts, such as Work/Plan.md'
const Path = z.string(PATH).refine(path => isSafePath(path) && path.endsWith('.md'), PATH)
const FOLDER = 'expected the path of a folder below the root'
const Folder = z.string(FOLDER).refine(path => path === '' || isSafePath(path), FOLDER)
const VISIBLE = 'expected a string of which something is visible'
const Text = z.string(VISIBLE).refine(text => markdown.inline(text, 100, 'code') !== '', VISIBLE)
const Body = z.union(
  [Text, z.strictObject({ markdown: Text })],
  `${VISIBLE}, or { markdown } for text that you trust`,
)

/** Everything that callers may do. */
export const actions = {
  createComment: action(
    'createComment',
    z.strictObject({ issue: Path.optional(), body: Text }),
    ({ issue, body }, { key, config }: Here) => ({
      ...fileCall(config, {
        do: 'patch',
        path: pathOf(issue),
        patch: { entry: { heading: LOG, line: textLine(body, markOf(key), config), mark: markOf(key) } },
      }),
      repeat: 'safe',
    }),
    {
      about: "Adds a line to the log of a note; without `issue`, of the session's note.",
      example: { issue: 'Sessions/Plan.md', body: 'Reproduced with two parallel webhooks' },
    },
  ),
  createDocument: action(
    'createDocument',
    z.strictObject({ title: Text, body: Body, folder: Folder.optional() }),
    ({ title, body, folder }, { key, config }: Here) => {
      const into = folder ?? config.folder
      const name = nameFrom(title, uuidFrom(key).slice(0, 8))
      const text = markdown.text(body, { links: config.links, maxLength: config.maxLength })
      return {
        ...fileCall(config, {
          do: 'patch',
          path: `${into === '' ? '' : `${into}/`}${name}.md`,
          patch: { create: `# ${markdown.inline(title, 200, config.links)}\n\n${text}\n` },
        }),
        repeat: 'safe',
      }
    },
    {
      about: 'Makes a note. One of the same call stays as it is.',
      example: { title: 'Runbook', body: 'Restart it.' },
    },
  ),
  getDocument: read(
    'getDocument',
    z.strictObject({ path: Path }),
    z.looseObject({ path: z.string(), text: z.string() }),
    ({ path }, { config }: Here) => ({ call: fileCall(config, { do: 'read', path }) }),
    { about: 'Reads a note.', example: { path: 'Sessions/Plan.md' } },
  ),
  listDocuments: read(
    'listDocuments',
    z.strictObject({ folder: Folder.optional() }),
    z.array(z.looseObject({ path: z.string() })),
    ({ folder }, { config }: Here) => ({
      call: fileCall(config, { do: 'list', folder: folder ?? config.folder }),
      list: '/files',
    }),
    { about: 'Reads the names of the notes of a folder.', example: {} },
  ),
}
