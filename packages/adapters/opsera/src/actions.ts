import { cards } from './actions/cards.ts'
import { people } from './actions/people.ts'
import { pipelines } from './actions/pipelines.ts'
import { projects } from './actions/projects.ts'
import { tasks } from './actions/tasks.ts'
import { tools } from './actions/tools.ts'

/** Everything this adapter can do in Opsera, by name. Nothing that runs, stops or deletes is among it. */
export const actions = { ...cards, ...projects, ...tasks, ...pipelines, ...people, ...tools }
