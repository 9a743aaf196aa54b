import type { Json } from '@sessionwire/core/adapter'
import type { Answer } from '@sessionwire/core/testing'
import { bodyOf, type Fields, isAnswer, isFields, objectId, type Scene, say } from './world.ts'

type Rule = (scene: Scene, body: Fields) => Answer

/** A rule that reads a JSON object. */
const withBody =
  (rule: Rule) =>
  (scene: Scene): Answer => {
    const body = bodyOf(scene.request)
    return isAnswer(body) ? body : rule(scene, body)
  }

// ── tasks

const insertTask = ({ world, host }: Scene, given: Fields): Json => {
  const task = { id: objectId(host), given }
  world.tasks.push(task)
  host.effect('task', typeof given.externalId === 'string' ? given.externalId : undefined)
  return { id: task.id }
}

/** The body that one guide shows; what a real Opsera makes of it is unknown. */
export const createTask = withBody((scene, body) =>
  typeof body.name === 'string' && body.name !== ''
    ? { status: 200, body: insertTask(scene, body) }
    : say(422, 'Missing or invalid required data: name'),
)

/** The careful reading: with tasks it makes a batch, without any it lists. */
export const postTasks = withBody((scene, body) => {
  if (Array.isArray(body.tasks))
    return { status: 200, body: { tasks: body.tasks.filter(isFields).map(each => insertTask(scene, each)) } }
  return { status: 200, body: { tasks: scene.world.tasks.map(({ id, given }) => ({ id, ...given })) } }
})

export const taskStatuses = withBody(({ world }) => ({
  status: 200,
  body: { data: world.tasks.map(({ id }) => ({ id, status: 'idle' })) },
}))

export const findTasks = withBody(({ world }, body) => {
  const found = world.tasks.filter(({ id, given }) =>
    Object.entries(body).every(([field, value]) => (field === 'id' ? id : given[field]) === value),
  )
  return found.length === 0
    ? say(404, 'Task not found')
    : { status: 200, body: { data: found.map(({ id, given }) => ({ id, ...given })) } }
})

// ── pipelines

const ACTIONS = ['run', 'stop', 'reset', 'update', 'delete', 'status', 'approve', 'reject']

/** https://docs.opsera.ai/api-reference/reference */
export const actions = withBody(({ world }, body) => {
  const { action, type, version, target } = body
  if (!ACTIONS.includes(String(action))) return say(422, 'Missing or invalid required data: action')
  if (type !== 'pipeline' && type !== 'task') return say(422, 'Missing or invalid required data: type')
  if (version !== 1) return say(422, 'Missing or invalid required data: version')
  const ids = typeof target === 'string' ? [target] : target
  if (!Array.isArray(ids) || ids.length === 0 || !ids.every(id => /^[a-zA-Z0-9]{24}$/.test(String(id))))
    return say(400, 'Invalid target format')
  if (action !== 'status') world.acted.push(`${action} ${type} ${ids.join(' ')}`)
  return {
    status: 200,
    body: {
      status: 'executed',
      message: `${action} executed`,
      data: ids.map(id => ({ id, status: 'idle' })),
    },
  }
})

export const validatePipeline = withBody((_, body) =>
  Array.isArray(body.steps)
    ? say(200, 'Pipeline is valid')
    : say(422, 'Missing or invalid required data: steps'),
)

export const stepMetadata = withBody((_, body) => ({
  status: 200,
  body: { tool_identifier: body.tool_identifier ?? null, required: ['gitRepository', 'branch'] },
}))

export const notifyRun = withBody(({ world, host }, body) => {
  world.notified.push(body)
  host.effect('notification')
  return { status: 200, text: 'Notification accepted' }
})

// ── tools

const REGISTRY: readonly Fields[] = [
  { _id: '5f3a1c2b9d8e7f6a5b4c3d2e', name: 'GitHub of Acme', tool_identifier: 'github', active: true },
  { _id: '5f3a1c2b9d8e7f6a5b4c3d2f', name: 'Jenkins of Acme', tool_identifier: 'jenkins', active: true },
]

/** https://docs.opsera.ai/api-reference/reference/tools */
export const registry = ({ request: { query } }: Scene): Answer => {
  const wanted = query.fields?.split(',')
  const found = REGISTRY.filter(
    ({ tool_identifier: kind }) => query.tool_identifier === undefined || kind === query.tool_identifier,
  )
  return {
    status: 200,
    body: found.map(tool =>
      Object.fromEntries(Object.entries(tool).filter(([name]) => wanted?.includes(name) ?? true)),
    ),
  }
}

const ofTool = (answer: Json) =>
  withBody((_, { toolId }) =>
    toolId === REGISTRY[0]?._id ? { status: 200, body: { data: answer } } : say(404, 'Tool not found'),
  )

export const repositories = ofTool([{ name: 'web-portal', url: 'https://github.com/acme/web-portal.git' }])
export const branches = ofTool([{ name: 'main' }, { name: 'develop' }])
