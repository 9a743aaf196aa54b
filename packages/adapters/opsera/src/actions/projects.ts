import { action, read } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { Here, OpseraConfig } from '../config.ts'
import {
  CREATE_UNSEEN,
  call,
  joined,
  linkName,
  oneProject,
  projectList,
  UPDATE_UNSEEN,
  written,
} from './call.ts'
import { Assets, Email, ExternalId, Fields, Line, ProjectId, refuse } from './input.ts'

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
  /** More fields, sent as they stand. */
  fields: Fields.optional(),
})
type Project = z.output<typeof Project>

const details = ({ projectId: _, assets: __, fields, ...own }: Project, { hierarchy }: OpseraConfig) => ({
  ...hierarchy,
  ...own,
  ...fields,
})

const fits = (assets: Project['assets'], config: OpseraConfig, name: string): void => {
  if (assets === undefined || config.assets === 'off') return
  const isList = Array.isArray(assets)
  if (isList === (config.assets === 'list')) return
  throw refuse(
    name,
    'assets',
    isList
      ? "must be an object: in this configuration assets are one (assets: 'object')"
      : "must be a list: in this configuration assets are one (assets: 'list')",
  )
}

const EXAMPLE = {
  projectId: 'web-portal',
  projectName: 'Web portal',
  organization: 'Acme',
  business: 'Engineering',
  department: 'Platform',
}

/** Projects that are no session's card. */
export const projects = {
  createProject: action(
    'createProject',
    Project,
    (project, { key, config }: Here) => {
      fits(project.assets, config, 'createProject')
      const captures: Readonly<Record<string, string>> = {
        [linkName('project', key)]: config.pointers.projectId,
      }
      const payload = written(config, project.projectId, {
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
    { about: 'Makes a project, unless there is one of its id.', example: EXAMPLE },
  ),
  updateProject: action(
    'updateProject',
    Project,
    (project, { config }: Here) => {
      fits(project.assets, config, 'updateProject')
      const { projectId } = project
      const { assets = project.assets, before } = joined(
        config,
        projectId,
        project.assets ?? (config.assets === 'list' ? [] : {}),
      )
      const payload = written(config, projectId, { ...details(project, config), assets })
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
        'Writes a project whole: assets are joined with those that are there, and any other field that is not given may be lost.',
      example: EXAMPLE,
    },
  ),
  projects: read(
    'projects',
    z.strictObject({}),
    z.array(z.looseObject({})),
    (_, { config }: Here) => projectList(config),
    { about: 'Projects, as Opsera has them.', example: {} },
  ),
}
