import * as z from 'zod'
import { Refused, refuse } from '../access/refusal.ts'

const describeInt = (name: string) => ({
  error: ({ input }: Readonly<{ input: unknown }>) =>
    input === undefined ? `Field '${name}' is required` : `${name} must be an integer`,
})

/** A whole number, also as a string of digits. */
const int = (name: string) =>
  z.union(
    [
      z.int(),
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
    ],
    describeInt(name),
  )

/** An id, or the name or slug of one. */
const choice = (name: string) =>
  z.union([z.int(), z.string().min(1)], {
    error: ({ input }) =>
      input === null ? `${name} cannot be null` : `${name} must be an integer or string`,
  })

const text = (name: string) =>
  z.string({
    error: ({ input }) => (input === undefined ? `Field '${name}' is required` : `${name} must be a string`),
  })

const tags = z.array(z.string(), 'tags must be a list').nullish()

const shared = {
  description: text('description').nullish(),
  status: choice('status').optional(),
  assigned_to: int('assigned_to').nullish(),
  tags,
}

const own = {
  story: {},
  epic: { color: text('color').nullish() },
  task: { user_story_id: int('user_story_id').optional() },
  issue: {
    priority: choice('priority').optional(),
    severity: choice('severity').optional(),
    type: choice('type').optional(),
  },
}

/** The kinds of items that the endpoints create, change and delete. */
export type Kind = keyof typeof own

const create = <K extends Kind>(kind: K) =>
  z.object({
    project_id: int('project_id'),
    subject: text('subject'),
    ...shared,
    ...own[kind],
    idempotency_key: text('idempotency_key').optional(),
  })

const update = <K extends Kind>(kind: K) =>
  z.object({
    [`${kind}_id`]: int(`${kind}_id`),
    project_id: int('project_id').optional(),
    subject: text('subject').optional(),
    ...shared,
    ...own[kind],
  })

/** Inputs of the endpoints, by kind. Unknown fields are ignored, because earlier clients may send more. */
export const schemas = {
  create: { story: create('story'), epic: create('epic'), task: create('task'), issue: create('issue') },
  update: { story: update('story'), epic: update('epic'), task: update('task'), issue: update('issue') },
  remove: (kind: Kind) => z.object({ [`${kind}_id`]: int(`${kind}_id`) }),
  link: z.object({ epic_id: int('epic_id'), user_story_id: int('user_story_id') }),
  project: z.object({ project_id: int('project_id') }),
  slug: z.object({ slug: text('slug').min(1, 'slug is required') }),
  projects: z.object({
    search: z.string().optional(),
    member: int('member').optional(),
    page: int('page').optional(),
    page_size: int('page_size').optional(),
  }),
  epics: z.object({ project_id: z.array(int('project_id')).min(1, 'At least one project_id is required') }),
  stories: z.object({
    project_id: int('project_id'),
    epic_id: int('epic_id').optional(),
    search: z.string().optional(),
    tags: z.array(z.string()).optional(),
    page: int('page').optional(),
    page_size: int('page_size').optional(),
  }),
}

/** Checks what was given; throws `Refused` with the first problem as its text. */
export const parse = <S extends z.ZodType>(schema: S, given: unknown): z.output<S> => {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new Refused(refuse(400, 'INVALID_INPUT', issue?.message ?? 'The request is invalid.'))
}
