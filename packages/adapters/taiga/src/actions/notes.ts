import { action, type Json } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, TaigaConfig } from '../config.ts'
import { clean } from '../text.ts'
import { call, captureName, comment, KINDS, type Kind, projectId, withBefore } from './call.ts'
import { Id, Item, Linked, linkedValue, Project, placeOf, Said, Text, textOf } from './input.ts'

const Kinds = z.literal(['userstory', 'task', 'issue', 'epic'])

const Slug = z
  .string()
  .regex(/^[\p{Ll}\p{Lo}\p{N}_-]{1,500}$/u, 'must be a slug in lower case: letters, digits, - and _')

const Scalar = z.union([
  z.string().transform(text => clean(text).slice(0, 10_000).toWellFormed()),
  z.number(),
  z.boolean(),
  z.null(),
])

const watching = (which: 'watch' | 'unwatch', { config }: Here, kind: Kind, id: number) => ({
  ...call(config, 'POST', `${KINDS[kind].path}/${id}/${which}`),
  repeat: 'safe' as const,
  coalesce: { name: `watch ${kind} ${id}` },
})

const pageQuery = (config: TaigaConfig, project: number | string) => {
  const { id, before } = projectId(config, project)
  return { project: id, before }
}

/** What is said about things: comments, links to epics, custom attributes, wiki pages, watching. */
export const notes = {
  createComment: action(
    'createComment',
    z.strictObject({ kind: Kinds, id: Item, text: Said }),
    ({ kind, id, text }, at: Here) => {
      const name = captureName('comment', at.key)
      return comment(at, kind, placeOf(at.config, kind, id), textOf(text, at.config) ?? '', {
        inAnswer: { [name]: '/modified_date' },
        inHistory: { [name]: '/created_at' },
      })
    },
    {
      about: 'Adds a comment to a story, task, issue or epic.',
      example: { kind: 'userstory', id: '#42', text: 'Reproduced with two parallel webhooks' },
    },
  ),
  addStoryToEpic: action(
    'addStoryToEpic',
    z.strictObject({ epic: Id, story: Linked }),
    ({ epic, story }, { config }: Here) => {
      const us: Json = linkedValue('userstory', story)
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
      id: Id,
      values: z
        .record(z.string().regex(/^[1-9]\d*$/, 'must be the id of a custom attribute'), Scalar)
        .refine(values => Object.keys(values).length > 0, 'must set at least one'),
    }),
    ({ kind, id, values }, { config }: Here) => {
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
      example: { kind: 'userstory', id: 4711, values: { '31': 'https://ci.example.com/981' } },
    },
  ),
  createPage: action(
    'createPage',
    z.strictObject({ project: Project.optional(), slug: Slug, text: Text }),
    ({ project, slug, text }, at: Here) => {
      const { config, key } = at
      const { project: id, before } = pageQuery(config, project ?? config.project)
      const captures = { [captureName('page', key)]: '/id' }
      return {
        ...call(config, 'POST', 'wiki', { payload: { project: id, slug, content: textOf(text, config) } }),
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
      example: { slug: 'session-1', text: 'Log of a session' },
    },
  ),
  editPage: action(
    'editPage',
    z.strictObject({ project: Project.optional(), slug: Slug, text: Text }),
    ({ project, slug, text }, { config }: Here) => {
      const { project: id, before } = pageQuery(config, project ?? config.project)
      return {
        ...call(config, 'PATCH', 'wiki/{page}', {
          payload: { content: textOf(text, config), version: { $ref: 'version' } },
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
      example: { slug: 'session-1', text: { markdown: '# Stop double charging\n\n35 %' } },
    },
  ),
  watch: action(
    'watch',
    z.strictObject({ kind: Kinds, id: Id }),
    ({ kind, id }, at: Here) => watching('watch', at, kind, id),
    {
      about: 'Watches a story, task, issue or epic as the user of the credential.',
      example: { kind: 'userstory', id: 4711 },
    },
  ),
  unwatch: action(
    'unwatch',
    z.strictObject({ kind: Kinds, id: Id }),
    ({ kind, id }, at: Here) => watching('unwatch', at, kind, id),
    { about: 'Watches it no longer.', example: { kind: 'userstory', id: 4711 } },
  ),
}
