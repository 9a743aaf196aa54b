import {
  type Adapter,
  checkedOptions,
  type Environment,
  enabled,
  settings,
  TrackerError,
} from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { CardKind, StatusHook, TaigaConfig, TaigaOptions } from './options.ts'
import { MAX_TEXT } from './text.ts'

export type { CardKind, Here, Statuses, StatusHook, TaigaConfig, TaigaOptions } from './options.ts'

/** What a card may be. */
export const CARD_KINDS: readonly CardKind[] = ['userstory', 'task', 'issue']

const STATUS_HOOKS: readonly StatusHook[] = [
  'start',
  'blocker',
  'resolve',
  'close',
  'crashed',
  'abandoned',
  'resume',
]

const text = z.string().trim().min(1, 'must not be empty')
const id = z.int('must be a whole number').positive('must be an id above 0')
const named = (what: string) => z.union([id, text], `must be the id or the name of ${what}`)

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
const address = z.string().refine(value => {
  if (!URL.canParse(value) || /[{}\s]/.test(value)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(value)
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname))
}, 'must be an https address without user, query or fragment (http only for this machine)')

/** What the beginnings of real tokens look like; one given as a name would be stored and shown. */
const secretName = (example: string) =>
  z
    .string()
    .refine(
      value => /^[\w.:/-]{1,100}$/.test(value) && !/^ey[A-Za-z0-9]/.test(value),
      `must be the name of a secret, such as ${example}, not its value`,
    )

const sessionUrl = z
  .string()
  .refine(
    value =>
      value.includes('{id}') &&
      /^https?:\/\/[^\s{}<>()]+/.test(value) &&
      URL.canParse(value.replaceAll('{id}', 'id')),
    'must be a web address with {id} in it, such as https://example.com/sessions/{id}',
  )

/** A tag as Taiga keeps it: lower case; a comma would part it in filters. */
export const Tag = text
  .max(100, 'must have at most 100 characters')
  .refine(value => !/[,\p{C}]/u.test(value), 'must hold no comma and no control character')
  .transform(value => value.toLowerCase())

const Options = z.strictObject({
  as: z
    .string()
    .regex(/^[A-Za-z][\w-]*$/, 'must begin with a letter and have only letters, digits, - and _')
    .default('taiga'),
  mode: z.literal(['execute', 'preview', 'handoff']).default('execute'),
  updates: z.literal(['card', 'each', 'off']).default('card'),
  when: z
    .custom<NonNullable<Adapter['when']>>(value => typeof value === 'function', 'must be a function')
    .optional(),
  allowDestructive: z.boolean().optional(),
  onDoubt: z.literal(['hold', 'repeat']).optional(),
  baseUrl: address
    .refine(value => /\/api\/v1\/*$/.test(value), 'must be the root of the API and end in /api/v1')
    .default('https://api.taiga.io/api/v1'),
  frontUrl: address.optional(),
  auth: z.literal(['token', 'password']).default('token'),
  tokenSecret: secretName('TAIGA_TOKEN').default('TAIGA_TOKEN'),
  usernameSecret: secretName('TAIGA_USERNAME').default('TAIGA_USERNAME'),
  passwordSecret: secretName('TAIGA_PASSWORD').default('TAIGA_PASSWORD'),
  projectId: id.optional(),
  project: z
    .string()
    .regex(/^[\p{L}\p{N}_-]{1,250}$/u, 'must be a slug: the part of the address after /project/')
    .optional(),
  kind: z.literal(CARD_KINDS).default('userstory'),
  story: id.optional(),
  epic: id.optional(),
  statuses: z
    .strictObject(Object.fromEntries(STATUS_HOOKS.map(hook => [hook, named('a status').optional()])))
    .default({}),
  tags: z.array(Tag).max(50).default([]),
  milestone: named('a milestone').optional(),
  assignedTo: named('a member').optional(),
  priority: named('a priority').optional(),
  severity: named('a severity').optional(),
  type: named('an issue type').optional(),
  exportTo: z.literal(['wiki', 'comment', 'off']).default('wiki'),
  sessionUrl: sessionUrl.optional(),
  links: z.literal(['code', 'live']).default('code'),
  maxLength: z.int().min(5_000).max(200_000).default(MAX_TEXT),
})

type Checked = z.output<typeof Options>
type Rest = Pick<Checked, 'mode' | 'when' | 'allowDestructive' | 'onDoubt'>

const refuse = (field: string, why: string): TrackerError =>
  new TrackerError('CONFIG', `taiga${field === '' ? '' : `.${field}`}: ${why}`, { field })

/** Options that mean something for one kind of card only. */
const ONLY: Readonly<Record<string, CardKind>> = {
  story: 'task',
  epic: 'userstory',
  priority: 'issue',
  severity: 'issue',
  type: 'issue',
}

const frontOf = (baseUrl: string) => {
  const server = baseUrl.replace(/\/api\/v1$/, '')
  return server === 'https://api.taiga.io' ? 'https://tree.taiga.io' : server
}

/** Checks options. Throws `CONFIG` naming the field. */
export const checkOptions = (options: unknown): Readonly<{ config: TaigaConfig; rest: Rest }> => {
  const given = checkedOptions('taiga', Options, options, { tokenSecret: 'TAIGA_TOKEN' })
  const { mode, when, allowDestructive, onDoubt, projectId, project, ...known } = given
  if (projectId !== undefined && project !== undefined)
    throw refuse('project', 'give projectId or project, not both')
  const where = projectId ?? project
  if (where === undefined)
    throw refuse('project', 'is missing: give the slug of a project as project, or its id as projectId')
  for (const [option, kind] of Object.entries(ONLY))
    if (known.kind !== kind && known[option as keyof typeof known] !== undefined)
      throw refuse(option, `is for kind '${kind}' only: remove it, or set kind`)
  const baseUrl = known.baseUrl.replace(/\/+$/, '')
  const config = {
    ...known,
    baseUrl,
    frontUrl: known.frontUrl?.replace(/\/+$/, '') ?? frontOf(baseUrl),
    project: where,
  } as TaigaConfig
  return { config, rest: { mode, when, allowDestructive, onDoubt } }
}

const isSet = (env: Environment, name: string) => (env[name] ?? '') !== ''

/**
 * Options from `TAIGA_ENABLED`, `TAIGA_PROJECT` or `TAIGA_PROJECT_ID`, `TAIGA_BASE_URL` and `TAIGA_FRONT_URL`, or
 * undefined; `auth` by the secret that is set.
 */
export const optionsFrom = <N extends string>(
  env: Environment,
  overrides: Partial<TaigaOptions<N>>,
): TaigaOptions<N> | undefined => {
  const token = overrides.tokenSecret ?? 'TAIGA_TOKEN'
  const user = overrides.usernameSecret ?? 'TAIGA_USERNAME'
  const password = overrides.passwordSecret ?? 'TAIGA_PASSWORD'
  const passwordOnly = !isSet(env, token) && isSet(env, user) && isSet(env, password)
  const auth = overrides.auth ?? (passwordOnly ? 'password' : 'token')
  const known = overrides.project ?? overrides.projectId
  const byId = isSet(env, 'TAIGA_PROJECT_ID') && !isSet(env, 'TAIGA_PROJECT')
  const needs = [
    ...(known === undefined ? [byId ? 'TAIGA_PROJECT_ID' : 'TAIGA_PROJECT'] : []),
    ...(auth === 'token' ? [token] : [user, password]),
  ]
  if (!enabled(env, 'TAIGA', needs)) return undefined
  const { projectId, project, ...addresses } = settings(env, {
    baseUrl: 'TAIGA_BASE_URL',
    frontUrl: 'TAIGA_FRONT_URL',
    project: 'TAIGA_PROJECT',
    projectId: 'TAIGA_PROJECT_ID',
  })
  const where = known !== undefined ? {} : byId ? { projectId: Number(projectId) } : { project }
  return { ...addresses, ...where, auth, ...overrides } as TaigaOptions<N>
}
