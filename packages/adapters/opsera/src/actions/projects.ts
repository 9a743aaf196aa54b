import { action, invalidInput, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, OpseraConfig } from '../config.ts'
import {
  CREATE_UNSEEN,
  call,
  joinAssets,
  linkName,
  oneProject,
  projectBody,
  projectList,
  UPDATE_UNSEEN,
} from './call.ts'
import { Assets, Email, ExternalId, Fields, Line, ProjectId } from './input.ts'

/** https://opsera.atlassian.net/wiki/spaces/OE/pages/2008678403/Project+People+Organizational+Hierarchy+Mapping+API */
const Project = z.strictObject({
  projectId: ProjectId,
  projectName: Line,
  externalId: ExternalId.optional(),
  /** Levels above the project, from the widest to the narrowest. Default the configured ones. */
  organization: Line.optional(),
  business: Line.optional(),
  department: Line.optional(),
  group: Line.optional(),
  team: Line.optional(),
  projectOwner: z.strictObject({ firstName: Line, lastName: Line, email: Email }).optional(),
  /** An object, or a list where the configuration says so. */
  assets: Assets.optional(),
  /** Further fields, sent as they stand. */
  fields: Fields.optional(),
})
type Project = z.output<typeof Project>

const details = ({ projectId: _, assets: __, fields, ...own }: Project, { hierarchy }: OpseraConfig) => ({
  ...hierarchy,
  ...own,
  ...fields,
})

/** Refuses assets of another type than the configuration names. */
const assertType = (assets: Project['assets'], config: OpseraConfig, action: string): void => {
  if (assets === undefined || config.assets === 'off') return
  if (Array.isArray(assets) === (config.assets === 'list')) return
  throw invalidInput({
    field: `${action}.assets`,
    problem: 'invalid type',
    expected: `${config.assets === 'list' ? 'an array' : 'an object'}, by the option assets`,
    got: Array.isArray(assets) ? 'an array' : 'an object',
  })
}

const EXAMPLE = {
  projectId: 'web-portal',
  projectName: 'Web portal',
  organization: 'Acme',
  business: 'Engineering',
  department: 'Platform',
}

/** Projects that are not cards of sessions. */
export const projects = {
  createProject: action(
    'createProject',
    Project,
    (project, { key, config }: Here) => {
      assertType(project.assets, config, 'createProject')
      const captures: Readonly<Record<string, string>> = {
        [linkName('project', key)]: config.pointers.projectId,
      }
      const payload = projectBody(config, project.projectId, {
        ...details(project, config),
        assets: project.assets,
      })
      return {
        ...call(config, 'POST', 'createProject', { payload }),
        captures,
        repeat: { by: 'id', first: true, ...oneProject(config, project.projectId, captures) },
        asterisk: CREATE_UNSEEN,
      }
    },
    { about: 'Creates a project, unless there is one of its id.', example: EXAMPLE },
  ),
  updateProject: action(
    'updateProject',
    Project,
    (project, { config }: Here) => {
      assertType(project.assets, config, 'updateProject')
      const { projectId } = project
      const { assets = project.assets, before } = joinAssets(config, projectId, project.assets ?? {})
      const payload = projectBody(config, projectId, { ...details(project, config), assets })
      return {
        ...call(config, 'PUT', 'updateProject', { payload, project: projectId }),
        ...(before.length === 0 ? {} : { before }),
        repeat: 'safe',
        // Each adds to the assets what it has, so none takes the place of another.
        coalesce: { name: `project ${projectId}`, keep: true },
        asterisk: UPDATE_UNSEEN,
      }
    },
    {
      about:
        'Writes a project whole: assets are joined with those that are there, lists at every level, and any other field that is not given may be lost.',
      example: EXAMPLE,
    },
  ),
  listProjects: read(
    'listProjects',
    z.strictObject({}),
    z.array(z.looseObject({})),
    (_, { config }: Here) => projectList(config),
    { about: 'Projects, as Opsera has them.', example: {} },
  ),
}
