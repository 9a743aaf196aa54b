import type { Answer } from '@sessionwire/core/testing'
import { bodyOf, type Fields, isAnswer, type OpseraUser, objectId, type Scene, say } from './world.ts'

const renderUser = ({ id, email, firstName, lastName }: OpseraUser): Fields => ({
  _id: id,
  firstName,
  lastName,
  email,
  ssoType: 'okta',
  organizationName: 'Acme',
  division: 'Engineering',
  domain: 'acme',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  groups: [],
})

const fits = (pattern: string, email: string): boolean => {
  const parts = pattern.toLowerCase().split('*')
  const text = email.toLowerCase()
  if (parts.length === 1) return text === parts[0]
  let from = 0
  for (const [place, part] of parts.entries()) {
    const found = place === parts.length - 1 ? text.lastIndexOf(part) : text.indexOf(part, from)
    if (found < from || (place === 0 && found !== 0)) return false
    from = found + part.length
  }
  return from === text.length || parts.at(-1) === ''
}

/** https://docs.opsera.ai/api-reference/reference/user-management */
export const findUser = ({ world, request }: Scene): Answer => {
  const [, pattern] = /^email=(.+)$/s.exec(request.query.search ?? '') ?? []
  if (pattern === undefined) return say(400, 'Invalid search format: email=<pattern>')
  const [user, ...others] = world.users.filter(({ email }) => fits(pattern, email))
  if (user === undefined) return say(404, 'User not found')
  return others.length === 0
    ? { status: 200, body: renderUser(user) }
    : say(200, `${others.length + 1} users match: refine the search`)
}

export const listUsers = ({ world }: Scene): Answer => ({
  status: 200,
  body: { count: world.users.length, data: world.users.map(renderUser) },
})

export const createUser = ({ world, host, request }: Scene): Answer => {
  const body = bodyOf(request)
  if (isAnswer(body)) return body
  const { email, firstName, lastName } = body
  if (typeof email !== 'string' || typeof firstName !== 'string' || typeof lastName !== 'string')
    return say(422, 'Missing or invalid required data')
  if (world.users.some(user => user.email === email)) {
    host.refuseRepeat('user', email)
    return say(422, 'User already exists')
  }
  const user = { id: objectId(host), email, firstName, lastName }
  world.users.push(user)
  host.effect('user', email)
  return { status: 201, body: renderUser(user) }
}

export const listGroups = ({ world }: Scene): Answer => ({
  status: 200,
  body: { count: world.groups.length, data: world.groups.map(({ name, members }) => ({ name, members })) },
})

/** https://docs.opsera.ai/api-reference/reference/group-management */
export const createGroup = ({ world, host, request }: Scene): Answer => {
  const body = bodyOf(request)
  if (isAnswer(body)) return body
  const { name, groupMemberUserIds: ids, groupMemberEmailAddresses: emails } = body
  if (typeof name !== 'string' || !/^[a-z][a-z0-9_-]{0,24}$/.test(name))
    return say(422, 'Missing or invalid required data: name')
  if ((ids === undefined) === (emails === undefined))
    return say(422, 'Missing or invalid required data: groupMemberUserIds or groupMemberEmailAddresses')
  const wanted = ids ?? emails
  const known = new Set(world.users.map(user => (ids === undefined ? user.email : user.id)))
  const isMember = (each: unknown): each is string => typeof each === 'string' && known.has(each)
  if (!Array.isArray(wanted) || !wanted.every(isMember)) return say(400, 'Invalid member identifier')
  if (world.groups.some(group => group.name === name)) {
    host.refuseRepeat('group', name)
    // The page lists it as an answer of its own and does not say of which status.
    return { status: 409, text: 'Group already exists' }
  }
  world.groups.push({ name, members: wanted })
  host.effect('group', name)
  return { status: 200, text: 'Group creation complete' }
}
