import { action, cleanText, shorten } from '@sessionwire/core/adapter'
import * as z from 'zod'
import { type Here, Id } from '../config.ts'
import { call, captureName, comment, KINDS, type Kind, projectId, withBefore } from './call.ts'
import {
  Kinds,
  kindOf,
  Linked,
  OrSession,
  Project,
  placeOf,
  refTo,
  Text,
  textOf,
  VisibleText,
} from './input.ts'

const Slug = z
  .string()
  .regex(/^[\p{Ll}\p{Lo}\p{N}_-]{1,500}$/u, 'expected a slug in lower case: letters, digits, - and _')

const Scalar = z.union([
  z.string().transform(text => shorten(cleanText(text), 10_000)),
  z.number(),
  z.boolean(),
  z.null(),
])

const watching = (which: 'watch' | 'unwatch', { config }: Here, kind: Kind, id: number) => ({
  ...call(config, 'POST', `${KINDS[kind].path}/${id}/${which}`),
  repeat: 'safe' as const,
  coalesce: { name: `watch ${kind} ${id}` },
})

/** Comments, links to epics, custom attributes, wiki pages, watching. */
export const notes = {
  createComment: action(
    'createComment',
    z.strictObject({ kind: Kinds.optional(), issue: OrSession, body: VisibleText }),
    ({ kind: given, issue, body }, at: Here) => {
      const kind = kindOf(at.config, given, issue)
      const name = captureName('comment', at.key)
      return comment(at, kind, placeOf(at.config, kind, issue), textOf(body, at.config) ?? '', {
        inAnswer: { [name]: '/modified_date' },
        inHistory: { [name]: '/created_at' },
      })
    },
    {
      about: 'Adds a comment to a story, task, issue or epic; without `issue`, to the card of the session.',
      example: { kind: 'userstory', issue: '#42', body: 'Reproduced with two parallel webhooks' },
    },
  ),
  addStoryToEpic: action(
    'addStoryToEpic',
    z.strictObject({ epic: Id, story: Linked }),
    ({ epic, story }, { config }: Here) => {
      const us = refTo('userstory', story)
      return {
        ...call(config, 'POST', `epics/${epic}/related_userstories`, { payload: { epic, user_story: us } }),
        repeat: 'safe',
        coalesce: { name: `epic ${epic} ${story.by === 'id' ? story.id : 'session'}`, keep: true },
      }
    },
    { about: 'Adds a user story to an epic.', example: { epic: 4714, story: 4711 } },
  ),
  removeStoryFromEpic: action(
    'removeStoryFromEpic',
    z.strictObject({ epic: Id, story: Id }),
    ({ epic, story }, { config }: Here) => ({
      ...call(config, 'DELETE', `epics/${epic}/related_userstories/${story}`),
      repeat: 'safe',
      coalesce: { name: `epic ${epic} ${story}`, keep: true },
    }),
    {
      about: 'Takes a user story out of an epic; both stay.',
      example: { epic: 4714, story: 4711 },
      effect: 'destructive',
    },
  ),
  setCustomAttributes: action(
    'setCustomAttributes',
    z.strictObject({
      kind: Kinds,
      issue: Id,
      values: z
        .record(z.string().regex(/^[1-9]\d*$/, 'expected the id of a custom attribute'), Scalar)
        .refine(values => Object.keys(values).length > 0, 'expected at least one'),
    }),
    ({ kind, issue: id, values }, { config }: Here) => {
      const path = `${KINDS[kind].path}/custom-attributes-values/${id}`
      return {
        // Taiga replaces the whole map, so what others set is read and kept.
        ...call(config, 'PATCH', path, {
          payload: { attributes_values: { $ref: 'values', with: values }, version: { $ref: 'version' } },
        }),
        before: [
          {
            call: call(config, 'GET', path),
            captures: { values: '/attributes_values', version: '/version' },
            noun: `${KINDS[kind].noun} ${id}`,
          },
        ],
        repeat: 'safe',
        coalesce: { name: `attributes ${kind} ${id}`, keep: true },
      }
    },
    {
      about: 'Sets custom attributes by their ids; the others keep their values.',
      example: { kind: 'userstory', issue: 4711, values: { '31': 'https://ci.example.com/981' } },
    },
  ),
  createDocument: action(
    'createDocument',
    z.strictObject({ project: Project.optional(), slug: Slug, body: Text }),
    ({ project, slug, body }, at: Here) => {
      const { config, key } = at
      const { id, before } = projectId(config, project ?? config.project)
      const captures = { [captureName('page', key)]: '/id' }
      return {
        ...call(config, 'POST', 'wiki', { payload: { project: id, slug, content: textOf(body, config) } }),
        ...withBefore(before),
        captures,
        repeat: {
          by: 'id',
          first: true,
          call: call(config, 'GET', 'wiki', { query: { project: id, slug }, whole: true }),
          list: '',
          where: { pointer: '/slug', equals: slug },
          captures,
        },
      }
    },
    {
      about: 'Creates a wiki page, unless there is one with this slug already.',
      example: { slug: 'session-1', body: 'Log of a session' },
    },
  ),
  editDocument: action(
    'editDocument',
    z.strictObject({ project: Project.optional(), slug: Slug, body: Text }),
    ({ project, slug, body }, { config }: Here) => {
      const { id, before } = projectId(config, project ?? config.project)
      return {
        ...call(config, 'PATCH', 'wiki/{page}', {
          payload: { content: textOf(body, config), version: { $ref: 'version' } },
        }),
        before: [
          ...before,
          {
            call: call(config, 'GET', 'wiki/by_slug', { query: { project: id, slug } }),
            captures: { page: '/id', version: '/version' },
            noun: `wiki page "${slug}"`,
          },
        ],
        repeat: 'safe',
        coalesce: { name: `page ${slug}` },
      }
    },
    {
      about: 'Rewrites a wiki page.',
      example: { slug: 'session-1', body: { markdown: '# Stop double charging\n\n35 %' } },
    },
  ),
  watch: action(
    'watch',
    z.strictObject({ kind: Kinds, issue: Id }),
    ({ kind, issue }, at: Here) => watching('watch', at, kind, issue),
    {
      about: 'Watches a story, task, issue or epic as the user of the credential.',
      example: { kind: 'userstory', issue: 4711 },
    },
  ),
  unwatch: action(
    'unwatch',
    z.strictObject({ kind: Kinds, issue: Id }),
    ({ kind, issue }, at: Here) => watching('unwatch', at, kind, issue),
    { about: 'Watches it no longer.', example: { kind: 'userstory', issue: 4711 } },
  ),
}
