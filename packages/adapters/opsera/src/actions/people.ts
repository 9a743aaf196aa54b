import { action, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here } from '../config.ts'
import { call, linkName } from './call.ts'
import { Answer, Email, Fields, Line, ObjectId } from './input.ts'

/** https://docs.opsera.ai/api-reference/reference/group-management */
const GroupName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,24}$/,
    'expected at most 25 small letters, digits, "_" and "-" that begin with a letter',
  )

/** Users and groups. Addresses of people stand in a stored call only where a user or group is made of them. */
export const people = {
  findUser: read(
    'findUser',
    z.strictObject({
      /** An address; `*` stands for any part of it. */
      email: z.string().regex(/^[^\s\p{C}]{1,254}$/u, 'expected an e-mail address, or part of one with *'),
    }),
    Answer,
    // https://docs.opsera.ai/api-reference/reference/user-management
    ({ email }, { config }: Here) => ({
      call: call(config, 'GET', 'user', { query: { search: `email=${email}` } }),
    }),
    {
      about: 'One user by e-mail address; where several fit, the words of Opsera.',
      example: { email: 'ada@example.com' },
    },
  ),
  listUsers: read(
    'listUsers',
    z.strictObject({}),
    Answer,
    (_, { config }: Here) => ({ call: call(config, 'GET', 'users') }),
    { about: 'Users, as Opsera has them; their list is not documented.', example: {} },
  ),
  createUser: action(
    'createUser',
    z.strictObject({
      email: Email,
      firstName: Line,
      lastName: Line,
      /** Further fields, sent as they stand. */
      fields: Fields.optional(),
    }),
    ({ email, firstName, lastName, fields }, { key, config }: Here) => {
      const captures: Readonly<Record<string, string>> = { [linkName('user', key)]: '/email' }
      return {
        ...call(config, 'POST', 'user', { payload: { firstName, lastName, email, ...fields } }),
        captures,
        repeat: {
          by: 'mark',
          first: true,
          call: call(config, 'GET', 'users'),
          list: config.pointers.users,
          where: { pointer: '/email', equals: email },
          captures,
        },
        asterisk: 'Opsera documents neither the fields of a new user nor the form of its list of users.',
      }
    },
    {
      about: 'Creates a user, unless there is one of this e-mail address.',
      example: { email: 'ada@example.com', firstName: 'Ada', lastName: 'Fixer' },
    },
  ),
  listGroups: read(
    'listGroups',
    z.strictObject({}),
    Answer,
    (_, { config }: Here) => ({ call: call(config, 'GET', 'groups') }),
    { about: 'Groups, as Opsera has them; their list is not documented.', example: {} },
  ),
  findGroup: read(
    'findGroup',
    z.strictObject({ name: GroupName }),
    z.array(Answer),
    // No search is documented: the list is read, as it is to make a group once.
    ({ name }, { config }: Here) => ({
      call: call(config, 'GET', 'groups'),
      list: config.pointers.groups,
      where: { pointer: '/name', equals: name },
    }),
    {
      about: 'The group of a name, in a list: empty where there is none. It is looked for in the list.',
      example: { name: 'agents' },
    },
  ),
  createGroup: action(
    'createGroup',
    z
      .strictObject({
        name: GroupName,
        groupMemberUserIds: z.array(ObjectId).min(1).optional(),
        groupMemberEmailAddresses: z.array(Email).min(1).optional(),
      })
      .refine(
        ({ groupMemberUserIds: ids, groupMemberEmailAddresses: addresses }) =>
          (ids === undefined) !== (addresses === undefined),
        { path: ['groupMemberUserIds'], error: 'expected either this or groupMemberEmailAddresses' },
      ),
    ({ name, groupMemberUserIds, groupMemberEmailAddresses }, { key, config }: Here) => {
      const captures: Readonly<Record<string, string>> = { [linkName('group', key)]: '/name' }
      return {
        ...call(config, 'POST', 'group', {
          payload: { name, groupMemberUserIds, groupMemberEmailAddresses },
        }),
        captures,
        repeat: {
          by: 'mark',
          first: true,
          call: call(config, 'GET', 'groups'),
          list: config.pointers.groups,
          where: { pointer: '/name', equals: name },
          captures,
        },
        asterisk:
          'Opsera does not document the form of its list of groups, in which a group is looked for by its name.',
      }
    },
    {
      about: 'Creates a group, unless there is one of its name.',
      example: { name: 'agents', groupMemberUserIds: ['5f3a1c2b9d8e7f6a5b4c3d2e'] },
    },
  ),
}
