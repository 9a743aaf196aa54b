import type { TrackerOptions } from '@sessionwire/core'
import * as z from 'zod/mini'
import { configuration } from '../failure.ts'
import type { Config } from './config.ts'
import { assertNoCredentials } from './credentials.ts'

/** Backoff, time-outs and giving up, as `createTracker` takes them. */
export type PolicyOptions = NonNullable<TrackerOptions['policy']>

const about = <T extends z.ZodMiniType>(schema: T, description: string): T => {
  z.globalRegistry.add(schema, { description })
  return schema
}
const text = z.string().check(z.minLength(1), z.maxLength(256))
const flag = z.boolean()
const count = z.number().check(z.gte(0))

const policyNames = [
  ...(['backoffMs', 'backoffMaxMs', 'giveUpAfterMs', 'giveUpAttempts', 'afterMs', 'timeoutMs'] as const),
  ...(['readTimeoutMs', 'leaseMarginMs', 'downAfter', 'deniedCheckMs', 'unreportedMax'] as const),
] satisfies readonly (keyof PolicyOptions)[]

/** Schema of a configuration file. */
const configSchema = z.strictObject({
  $schema: about(z.optional(z.string()), 'Address of this schema, for editors.'),
  project: about(z.optional(text), 'The project of the sessions. Default: the name of the folder.'),
  user: about(
    z.optional(text),
    "The user of the sessions. Default: the name in the user's git configuration, else of the account.",
  ),
  store: about(
    z.optional(z.string().check(z.minLength(1), z.maxLength(4_096))),
    "Path of the store's file, from this file. Default: .sessionwire/sessions.db next to it.",
  ),
  adapters: about(
    z.optional(
      z.record(
        z.string().check(z.regex(/^[A-Za-z][\w-]{0,63}$/)),
        z.looseObject({
          use: about(
            z.optional(z.string().check(z.minLength(1), z.maxLength(1_024))),
            'A package, or a file of the workspace that begins with ./. Default: @sessionwire/<name>.',
          ),
          enabled: about(z.optional(flag), 'False: the adapter is left out. Default: true.'),
          mode: about(
            z.optional(z.enum(['execute', 'preview', 'handoff'])),
            'execute: planned requests are sent. preview: they are kept to look at. handoff: a host sends them.',
          ),
          via: about(
            z.optional(z.enum(['mcp'])),
            "mcp: the model of an agent host makes the requests with the tools of the service's own MCP server. Default: this program sends them.",
          ),
        }),
      ),
    ),
    'Adapters by name. Default: those whose environment is set up, in mode preview.',
  ),
  capture: about(
    z.optional(
      z.strictObject({
        files: about(z.optional(flag), 'Each file that a tool wrote becomes an entity. Default: true.'),
        todos: about(
          z.optional(z.union([flag, z.literal('steps')])),
          'Changes of the to-do list become progress; steps: its open items become next steps too. Default: true.',
        ),
        commits: about(
          z.optional(flag),
          'Commits and pull requests become updates and entities. Default: true.',
        ),
        turns: about(
          z.optional(flag),
          "The model's answer at the end of a turn becomes a message. Default: true.",
        ),
        permissions: about(
          z.optional(flag),
          'Waiting for a permission for more than a minute becomes a blocker. Default: true.',
        ),
        failures: about(z.optional(flag), 'A tool that failed three times becomes a blocker. Default: true.'),
        subagents: about(z.optional(flag), 'Sub-agents become sessions with a parent. Default: true.'),
        messages: about(
          z.optional(z.enum(['off', 'local'])),
          'local: prompts and answers are kept in the store and mirrored nowhere. Default: local.',
        ),
        text: about(
          z.optional(z.enum(['off', 'title', 'summary'])),
          'Words of prompts and answers that may leave this machine. Default: off.',
        ),
        end: about(
          z.optional(z.enum(['left', 'completed'])),
          'How a session ends when its host is quit. Default: left.',
        ),
        idleMs: about(
          z.optional(count),
          'A session without an event for so long is ended, ms. Default: 14400000.',
        ),
      }),
    ),
    'Policy of the capture from agent hosts.',
  ),
  recall: about(
    z.optional(
      z.strictObject({
        inject: about(z.optional(flag), 'False: hosts are given nothing. Default: true.'),
        from: about(z.optional(z.enum(['me', 'team'])), 'Whose sessions are recalled. Default: me.'),
        trust: about(
          z.optional(z.enum(['all', 'person'])),
          'person: leaves out what models recorded. Default: all.',
        ),
      }),
    ),
    'The notes that a host is given when a session starts.',
  ),
  policy: about(
    z.optional(
      z.strictObject(
        Object.fromEntries(policyNames.map(name => [name, z.optional(count)])) as Record<
          keyof PolicyOptions,
          z.ZodMiniOptional<typeof count>
        >,
      ),
    ),
    'Backoff, time-outs and giving up; see policy of createTracker.',
  ),
})

/** The JSON Schema (draft 2020-12) of a configuration file. */
export const configJsonSchema = (): Readonly<Record<string, unknown>> => ({
  $id: 'https://unpkg.com/sessionwire/dist/config.schema.json',
  title: 'Configuration of sessionwire',
  ...z.toJSONSchema(configSchema, { io: 'input' }),
})

const RESERVED = new Set(['__proto__', 'constructor', 'prototype'])
const LARGEST = 10_000

/** Refuses names that would change the prototype of an object, functions of unknown use, and too many values. */
const assertPlain = (value: unknown, where: string): void => {
  let seen = 0
  const walk = (part: unknown, path: string, depth: number): void => {
    if (++seen > LARGEST || depth > 20)
      throw configuration(`${where}: too large; expected at most ${LARGEST} values.`)
    if (typeof part !== 'object' || part === null) return
    for (const name of Object.getOwnPropertyNames(part)) {
      if (RESERVED.has(name))
        throw configuration(`${where}: ${path}${name}: reserved name.`, 'Remove it from the file.')
      walk((part as Record<string, unknown>)[name], `${path}${name}.`, depth + 1)
    }
  }
  walk(value, '', 0)
}

type Issue = Readonly<{
  code?: string
  path: readonly PropertyKey[]
  message: string
  keys?: readonly string[]
  expected?: string
  values?: readonly unknown[]
  minimum?: unknown
  maximum?: unknown
  origin?: string
  errors?: readonly (readonly Issue[])[]
}>

type Described = Readonly<{ properties?: Readonly<Record<string, Described>> }>

/** Names of the options that an object of the configuration may have. */
const namesAt = (path: readonly string[]): readonly string[] => {
  const whole = configJsonSchema() as Described
  const found = path.reduce<Described | undefined>((part, name) => part?.properties?.[name], whole)
  return Object.keys(found?.properties ?? {})
}

/** An issue of each kind in words. A value of the file is never quoted, because it may be a secret. */
const WORDS: Readonly<Record<string, (issue: Issue) => string | undefined>> = {
  invalid_type: ({ expected }) => `invalid type; expected ${expected}`,
  invalid_value: ({ values = [] }) =>
    `invalid value; expected ${values.length > 1 ? 'one of ' : ''}${values.map(String).join(', ')}`,
  invalid_union: ({ errors = [] }) =>
    `invalid value; expected one of ${errors.flatMap(each => each.flatMap(({ expected, values = [] }) => expected ?? values.map(String))).join(', ')}`,
  invalid_key: () => 'invalid name; expected letters, digits, - and _ after a letter',
  too_small: ({ minimum, origin }) =>
    origin === 'string' ? 'empty; expected a text' : `too small; expected at least ${minimum}`,
  too_big: ({ maximum, origin }) =>
    origin === 'string'
      ? `too long; expected at most ${maximum} characters`
      : `too large; expected at most ${maximum}`,
}

const sayIssue = (issue: Issue): readonly string[] => {
  const { code = '', path, keys = [], message } = issue
  const steps = path.map(String)
  const field = steps.join('.') || 'the file'
  if (code === 'unrecognized_keys') {
    const names = namesAt(steps)
    return keys.map(
      key => `${[...steps, key].join('.')}: unknown option; expected one of ${names.join(', ')}`,
    )
  }
  return [`${field}: ${WORDS[code]?.(issue) ?? `${message.charAt(0).toLowerCase()}${message.slice(1)}`}`]
}

/** Most problems that one error names. */
const MOST_SHOWN = 5

/** The configuration of a file, checked. Throws `CONFIG` naming the options that are wrong. */
export const checkConfig = (value: unknown, where: string): Config => {
  assertPlain(value, where)
  assertNoCredentials(value, where)
  const parsed = configSchema.safeParse(value)
  if (parsed.success) return parsed.data as Config
  const problems = (parsed.error.issues as readonly Issue[]).flatMap(sayIssue).slice(0, MOST_SHOWN)
  throw configuration(
    `${where}: ${problems.length === 0 ? 'invalid.' : problems.map(each => `${each}.`).join(' ')}`,
    'The options are listed in https://unpkg.com/sessionwire/dist/config.schema.json and by `sessionwire config --schema`.',
  )
}
