import type { Json } from '@sessionwire/core/adapter'
import type { Answer } from '@sessionwire/core/testing'
import {
  bodyOf,
  type Fields,
  isAnswer,
  isFields,
  type OpseraProject,
  objectId,
  type Scene,
  say,
} from './world.ts'

const TEXTS = ['projectName', 'externalId', 'organization', 'business', 'department', 'group', 'team']

const ownerFault = (owner: Json | undefined): string | undefined =>
  owner === undefined ||
  (isFields(owner) && ['firstName', 'lastName', 'email'].every(name => typeof owner[name] === 'string'))
    ? undefined
    : 'Invalid projectOwner format'

const assetsFault = (assets: Json | undefined, kind: 'object' | 'list'): string | undefined => {
  if (assets === undefined) return undefined
  if (kind === 'list')
    return Array.isArray(assets) && assets.every(isFields) ? undefined : 'Invalid assets format'
  if (!isFields(assets)) return 'Invalid assets format'
  const lists = [assets.repositories, assets.services].filter(list => list !== undefined)
  return lists.every(list => Array.isArray(list) && (list as readonly Json[]).every(isFields))
    ? undefined
    : 'Invalid assets format'
}

/** The problem of a project's details; undocumented fields are one. */
const fault = (details: Fields, kind: 'object' | 'list'): Answer | undefined => {
  const extra = Object.keys(details).find(name => ![...TEXTS, 'assets', 'projectOwner'].includes(name))
  if (extra !== undefined) return say(400, `Invalid field ${extra}`)
  const odd = TEXTS.find(name => details[name] !== undefined && typeof details[name] !== 'string')
  const wrong =
    odd === undefined
      ? (ownerFault(details.projectOwner) ?? assetsFault(details.assets, kind))
      : `Invalid ${odd} format`
  return wrong === undefined ? undefined : say(400, wrong)
}

/** The details of a body, which stand at the top or in an object of their own. */
const detailsOf = ({ ways }: Scene, body: Fields): Fields | Answer => {
  const { projectId: _, ...rest } = body
  if (ways.nestIn === undefined) return rest
  const { [ways.nestIn]: nested = {}, ...others } = rest
  const [extra] = Object.keys(others)
  if (extra !== undefined) return say(400, `Invalid field ${extra}`)
  return isFields(nested) ? nested : say(400, `Invalid ${ways.nestIn} format`)
}

const renderProject = ({ ways: { nestIn } }: Scene, { id, projectId, details }: OpseraProject): Fields =>
  nestIn === undefined ? { _id: id, projectId, ...details } : { _id: id, projectId, [nestIn]: details }

const answerWith = (scene: Scene, project: OpseraProject, status: number, message: string): Answer =>
  ({
    record: { status, body: renderProject(scene, project) },
    envelope: { status, body: { status: 'executed', message } },
    text: { status, text: message },
    empty: { status, text: '' },
  })[scene.ways.answers]

const put = ({ world, ways }: Scene, project: OpseraProject, given: Fields): OpseraProject => {
  const details = ways.put === 'merge' ? { ...project.details, ...given } : given
  const next = { ...project, details }
  world.projects[world.projects.indexOf(project)] = next
  return next
}

/** https://docs.opsera.ai/api-reference/reference/projects */
export const createProject = (scene: Scene): Answer => {
  const { world, host, ways, request } = scene
  const body = bodyOf(request)
  if (isAnswer(body)) return body
  const details = detailsOf(scene, body)
  if (isAnswer(details)) return details
  const { projectId } = body
  if (typeof projectId !== 'string' || projectId === '')
    return say(422, 'Missing or invalid required data: projectId')
  if (typeof details.projectName !== 'string' || details.projectName === '')
    return say(422, 'Missing or invalid required data: projectName')
  const wrong = fault(details, ways.assets)
  if (wrong !== undefined) return wrong
  const known = world.projects.find(project => project.projectId === projectId)
  if (known !== undefined && ways.repeatedProject === 'refuse') {
    host.refuseRepeat('project', projectId)
    return say(409, `Project ${projectId} already exists`)
  }
  host.effect('project', projectId)
  if (known !== undefined && ways.repeatedProject === 'merge') {
    const merged = put({ ...scene, ways: { ...ways, put: 'merge' } }, known, details)
    return answerWith(scene, merged, 200, 'Project updated')
  }
  const project = { id: objectId(host), projectId, details, born: request.n }
  world.projects.push(project)
  return answerWith(scene, project, 201, 'Project created')
}

/** Neither its path nor its body is in any page of Opsera's. */
export const updateProject = (scene: Scene, projectId: string): Answer => {
  const { world, host, ways, request } = scene
  const body = bodyOf(request)
  if (isAnswer(body)) return body
  const details = detailsOf(scene, body)
  if (isAnswer(details)) return details
  if (body.projectId !== undefined && body.projectId !== projectId)
    return say(400, 'Invalid projectId: it cannot be changed')
  const wrong = fault(details, ways.assets)
  if (wrong !== undefined) return wrong
  const project = world.projects.find(each => each.projectId === projectId)
  if (project === undefined) return say(404, `Project ${projectId} not found`)
  host.effect('update', undefined, projectId)
  return answerWith(scene, put(scene, project, details), 200, 'Project updated')
}

/** https://opsera.atlassian.net/wiki/spaces/OE/pages/2008678403/Project+People+Organizational+Hierarchy+Mapping+API */
export const listProjects = (scene: Scene): Answer => {
  const { world, ways, request } = scene
  const { pageMax, skipParameter, lag } = ways
  // Unknown parameters are ignored, as most servers do.
  const only = request.query.projectId
  const seen = world.projects.filter(
    ({ projectId, born }) => born + lag < request.n && (only === undefined || projectId === only),
  )
  const skip = skipParameter === undefined ? 0 : Number(request.query[skipParameter] ?? 0)
  if (!Number.isInteger(skip) || skip < 0) return say(400, `Invalid ${skipParameter} format`)
  const data = seen.slice(skip, skip + pageMax).map(project => renderProject(scene, project))
  return { status: 200, body: { count: seen.length, data } }
}
