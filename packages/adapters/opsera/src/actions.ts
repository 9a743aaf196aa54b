import { people } from './actions/people.ts'
import { pipelines } from './actions/pipelines.ts'
import { projects } from './actions/projects.ts'
import { tasks } from './actions/tasks.ts'
import { tools } from './actions/tools.ts'

/** Everything this adapter can do in Opsera, by name. No action runs, stops or deletes anything. */
export const actions = { ...projects, ...tasks, ...pipelines, ...people, ...tools }
