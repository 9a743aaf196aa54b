import {
  type Adapter,
  type Auth,
  checkedOptions,
  type Environment,
  enabled,
  settings,
  TrackerError,
} from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { JiraConfig, JiraOptions, StatusHook } from './options.ts'

const text = z.string().trim().min(1, 'must not be empty')
const StatusName = z
  .string()
  .trim()
  .min(1, 'must be the name of a status as Jira shows it, such as "In Progress"')
const Status = z.union([StatusName, z.array(StatusName).min(1).max(8)])

const STATUS_HOOKS: readonly StatusHook[] = [
  'start',
  'blocker',
  'resolve',
  'close',
  'failed',
  'cancelled',
  'crashed',
  'abandoned',
  'resume',
]

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** A key such as `ENG-12`, or the number Jira keeps an issue under. */
export const ISSUE = /^([A-Za-z][A-Za-z0-9_]*-[1-9]\d*|[1-9]\d*)$/

const Address = z
  .string()
  .refine(value => {
    const url = URL.canParse(value) ? new URL(value) : undefined
    if (url === undefined || /[\s\\{}#?]/.test(value) || url.username !== '' || url.password !== '')
      return false
    return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))
  }, 'must be an https address without user, query or #, such as https://your-site.atlassian.net (http only for this machine)')
  .refine(
    value => !/\/rest(\/|$)/.test(value),
    'must be the address that stands before /rest, such as https://your-site.atlassian.net',
  )
  .transform(value => value.replace(/\/+$/, ''))

/** What API tokens look like; one given as a name would be stored and shown. */
const LOOKS_SECRET = /^ATATT|@|=|\s/
const SecretName = z
  .string()
  .regex(/^[\w.:/-]{1,100}$/, 'must be the name of a secret, such as JIRA_API_TOKEN')
  .refine(
    value => !LOOKS_SECRET.test(value),
    'must be the name of a secret, such as JIRA_API_TOKEN, not its value',
  )

const sessionUrl = z
  .string()
  .refine(
    value =>
      value.includes('{id}') &&
      /^https?:\/\/[^\s{}]+/.test(value) &&
      URL.canParse(value.replaceAll('{id}', 'id')),
    'must be a web address with {id} in it, such as https://example.com/sessions/{id}',
  )

const Options = z.strictObject({
  as: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'must begin with a letter and have only small letters, digits and -')
    .default('jira'),
  mode: z.literal(['execute', 'preview', 'handoff']).default('execute'),
  updates: z.literal(['card', 'each', 'off']).default('card'),
  when: z
    .custom<NonNullable<Adapter['when']>>(value => typeof value === 'function', 'must be a function')
    .optional(),
  allowDestructive: z.boolean().optional(),
  onDoubt: z.literal(['hold', 'repeat']).optional(),
  baseUrl: Address.optional(),
  cloudId: z
    .string()
    .regex(/^[\w-]+$/, 'must be the id alone, as accessible-resources shows it')
    .optional(),
  gateway: Address.default('https://api.atlassian.com'),
  apiVersion: z.literal([2, 3], 'must be 3 (Cloud) or 2 (wiki text; Data Center has no other)').optional(),
  deployment: z.literal(['cloud', 'datacenter']).optional(),
  auth: z.literal(['token', 'pat', 'oauth']).optional(),
  secrets: z
    .strictObject({ email: SecretName, apiToken: SecretName, pat: SecretName, oauthToken: SecretName })
    .partial()
    .default({}),
  projectKey: z
    .string('must be the key of a project, such as ENG')
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,254}$/, 'must be the key of a project, such as ENG')
    .transform(key => key.toUpperCase()),
  issueType: text.default('Task'),
  subtaskType: text.default('Sub-task'),
  labels: z
    .array(z.string().regex(/^[^\s\p{C}]{1,255}$/u, 'must have no spaces, such as agent-session'))
    .default([]),
  parent: z.string().regex(ISSUE, 'must be the key of an issue, such as ENG-1').optional(),
  epicField: z
    .string()
    .regex(/^customfield_\d+$/, 'must be the id of the field "Epic Link", such as customfield_10008')
    .optional(),
  assignee: text.optional(),
  fields: z.record(z.string(), z.json()).default({}),
  statuses: z
    .strictObject(Object.fromEntries(STATUS_HOOKS.map(hook => [hook, Status.optional()])))
    .default({}),
  worklog: z.boolean().default(false),
  notifyUsers: z.boolean().default(true),
  internal: z
    .union([z.boolean(), z.literal('auto')])
    .default('auto')
    .transform(internal => internal !== false),
  linkEntities: z.boolean().default(false),
  sessionUrl: sessionUrl.optional(),
  textLimit: z.int().min(8_000).max(1_000_000).default(32_767),
})

type Given = z.output<typeof Options>
type Rest = Pick<Given, 'mode' | 'when' | 'allowDestructive' | 'onDoubt'>

const wrong = (field: string, why: string): TrackerError =>
  new TrackerError('CONFIG', `jira${field === '' ? '' : `.${field}`}: ${why}`, { field: `jira.${field}` })

type Where = Pick<JiraConfig, 'baseUrl' | 'apiVersion' | 'deployment'>

const isCloudHost = (address: string) => /\.(atlassian\.net|jira\.com)$/.test(new URL(address).hostname)

const whereOf = ({ baseUrl, cloudId, gateway, ...given }: Given): Where => {
  const address = cloudId === undefined ? baseUrl : `${gateway}/ex/jira/${cloudId}`
  if (address === undefined)
    throw wrong(
      'baseUrl',
      'must be the address of your Jira, such as https://your-site.atlassian.net; or give a cloudId',
    )
  const guess =
    cloudId !== undefined || isCloudHost(address) || given.apiVersion === 3 ? 'cloud' : 'datacenter'
  const { deployment = guess } = given
  const { apiVersion = deployment === 'cloud' ? 3 : 2 } = given
  if (deployment === 'datacenter' && apiVersion === 3)
    throw wrong('apiVersion', 'must be 2 on Data Center: it has no version 3')
  if (deployment === 'datacenter' && cloudId !== undefined)
    throw wrong('cloudId', 'must be left out on Data Center: it has no gateway')
  return { baseUrl: address, apiVersion, deployment }
}

/** Names of the secrets, by default. */
const SECRETS = {
  email: 'JIRA_EMAIL',
  apiToken: 'JIRA_API_TOKEN',
  pat: 'JIRA_PAT',
  oauthToken: 'JIRA_OAUTH_TOKEN',
}

type SecretNames = { readonly [K in keyof typeof SECRETS]: string }

const authOf = ({ auth, cloudId, secrets }: Given, { deployment }: Where): Auth => {
  const kind = auth ?? (deployment === 'datacenter' ? 'pat' : 'token')
  const names = { ...SECRETS, ...secrets } as SecretNames
  if (kind === 'token') return { basic: [names.email, names.apiToken] }
  if (kind === 'pat' && deployment === 'cloud')
    throw wrong('auth', 'must be token or oauth on Cloud: it has no personal access tokens')
  if (kind === 'oauth' && deployment === 'cloud' && cloudId === undefined)
    throw wrong('cloudId', 'must be given with OAuth, which works only at the gateway')
  return { header: 'Authorization', prefix: 'Bearer ', secret: kind === 'pat' ? names.pat : names.oauthToken }
}

/** On Data Center `parent` belongs to sub-tasks; an issue of an epic names it in a custom field. */
const checkParent = ({ parent, epicField, issueType, subtaskType }: Given, { deployment }: Where): void => {
  if (deployment === 'cloud' && epicField !== undefined)
    throw wrong('epicField', 'must be left out on Cloud: use parent alone')
  if (
    deployment === 'datacenter' &&
    parent !== undefined &&
    epicField === undefined &&
    issueType !== subtaskType
  )
    throw wrong(
      'parent',
      'needs epicField on Data Center, where an issue names its epic in the custom field "Epic Link"; or make the issueType a sub-task (subtaskType)',
    )
}

/** Names of the secrets an authentication needs. */
export const secretsOf = (auth: Auth): readonly string[] =>
  'basic' in auth ? auth.basic : 'secret' in auth ? [auth.secret] : []

/** Checks options. Throws `CONFIG` naming the option and what to do. */
export const checkOptions = (options: unknown): Readonly<{ config: JiraConfig; rest: Rest }> => {
  const given = checkedOptions('jira', Options, options, { secrets: Object.values(SECRETS) })
  const where = whereOf(given)
  const {
    mode,
    when,
    allowDestructive,
    onDoubt,
    baseUrl: _,
    cloudId: __,
    gateway: ___,
    secrets: ____,
    ...known
  } = given
  checkParent(given, where)
  const config = { ...known, ...where, auth: authOf(given, where) } as JiraConfig
  return { config, rest: { mode, when, allowDestructive, onDoubt } }
}

const SETTINGS = {
  baseUrl: 'JIRA_BASE_URL',
  cloudId: 'JIRA_CLOUD_ID',
  projectKey: 'JIRA_PROJECT_KEY',
  issueType: 'JIRA_ISSUE_TYPE',
  apiVersion: 'JIRA_API_VERSION',
  deployment: 'JIRA_DEPLOYMENT',
} as const

/** Each way to prove who we are, with the secrets it needs; the first whose secrets are all set is taken. */
const WAYS = [
  ['token', ['email', 'apiToken']],
  ['pat', ['pat']],
  ['oauth', ['oauthToken']],
] as const

/** Options from `JIRA_…`, or undefined; what the program gives goes first, `auth` follows the secrets that are set. */
export const optionsFrom = <N extends string>(
  env: Environment,
  overrides: Partial<JiraOptions<N>>,
): JiraOptions<N> | undefined => {
  const { apiVersion, ...found } = settings(env, SETTINGS)
  const given = Object.fromEntries(
    Object.entries(overrides).filter(([, value]) => value !== undefined),
  ) as typeof overrides
  const options = {
    ...found,
    ...(apiVersion === undefined ? {} : { apiVersion: Number(apiVersion) }),
    ...given,
  }
  const names = { ...SECRETS, ...given.secrets } as SecretNames
  const set = WAYS.find(([, needs]) => needs.every(need => (env[names[need]] ?? '') !== ''))
  const auth = given.auth ?? set?.[0] ?? 'token'
  const needs = [
    ...(options.baseUrl === undefined && options.cloudId === undefined ? [SETTINGS.baseUrl] : []),
    ...(options.projectKey === undefined ? [SETTINGS.projectKey] : []),
    ...(WAYS.find(([way]) => way === auth)?.[1] ?? []).map(need => names[need]),
  ]
  return enabled(env, 'JIRA', needs) ? ({ ...options, auth } as JiraOptions<N>) : undefined
}
