import {
  card,
  type End,
  entry,
  type Hooks,
  handedOver,
  type Session,
  type SessionEvent,
  type Step,
  TrackerError,
} from '@sessionwire/core/adapter'
import { issueIn } from './actions/input.ts'
import { actions } from './actions.ts'
import type { LinearConfig, StateHook } from './config.ts'
import { calmed, cardText, entryText, fenced } from './text.ts'

type Steps = readonly Step<LinearConfig>[]

/** Captured by the card's create, whether the issue is ours or was handed over. */
const issue = { $ref: 'issueId' }
const comment = { $ref: 'commentId' }

const adopted = (session: Session, config: LinearConfig): string | undefined => {
  const given = handedOver(session, config.as, 'issue')
  if (given === undefined) return undefined
  const found = issueIn(given)
  if (found !== undefined) return found
  const field = `refs.${config.as}.issue`
  throw new TrackerError(
    'INVALID_INPUT',
    `${field}: "${given.slice(0, 80)}" is no issue: give its identifier (BIL-212), UUID or address`,
    { field },
  )
}

const made = (session: Session, config: LinearConfig): Steps => {
  const given = adopted(session, config)
  if (given !== undefined) {
    const markdown = cardText(card(session), config, true)
    return [actions.createStatus({ issue: given, text: { markdown } })]
  }
  const text = { markdown: cardText(card(session), config) }
  // A title of controls alone would be nothing once they are gone.
  const title = /[^\p{C}\s]/u.test(session.title) ? session.title : `Session ${session.id}`
  return [actions.createCard({ title, text })]
}

const edited = (session: Session, config: LinearConfig): Steps =>
  adopted(session, config) === undefined
    ? [actions.editCard.step({ issue, text: { markdown: cardText(card(session), config) } })]
    : [actions.editStatus.step({ comment, text: { markdown: cardText(card(session), config, true) } })]

const told = (event: SessionEvent, session: Session, config: LinearConfig): Steps => {
  const found = entry(event, session)
  return found === undefined
    ? []
    : [actions.createEntry.step({ issue, text: { markdown: entryText(found, config) } })]
}

const moved = (state: string | undefined): Steps =>
  state === undefined ? [] : [actions.setState({ issue, state })]

const labelled = ({ labels }: LinearConfig): Steps =>
  labels.length === 0 ? [] : [actions.addLabels({ issue, labels: [...labels] })]

const linked = (session: Session, { sessionUrl }: LinearConfig): Steps =>
  sessionUrl === undefined
    ? []
    : [
        actions.attachLink({
          issue,
          url: sessionUrl.replaceAll('{id}', encodeURIComponent(session.id)),
          title: 'Session',
          subtitle: session.agent === undefined ? session.user : `${session.user} with ${session.agent}`,
          metadata: { sessionId: session.id },
        }),
      ]

/** Work goes on in the state it had at the start, unless another one is named. */
const working = ({ states }: LinearConfig, hook: StateHook): string | undefined =>
  states[hook] ?? states.start

const blocked = (session: Session): boolean =>
  session.blockers.some(({ resolvedAt }) => resolvedAt === undefined)

/** The workflow state of each end; a session that was left keeps its own. */
const endState = ({ states }: LinearConfig): Record<End, string | undefined> => ({
  completed: states.close,
  failed: states.crashed,
  cancelled: states.abandoned,
  crashed: states.crashed,
  abandoned: states.abandoned,
  left: undefined,
})

/** Which hook makes which calls: the card first, its entries below it, its workflow state last. */
export const hooks: Hooks<LinearConfig> = {
  start: (_, session, __, config) => [
    ...made(session, config),
    ...labelled(config),
    ...linked(session, config),
    ...moved(config.states.start),
  ],
  update: (_, session, event, config) => [
    ...(config.updates === 'each' ? told(event, session, config) : []),
    ...(config.updates === 'off' ? [] : edited(session, config)),
  ],
  decision: (_, session, event, config) => [...told(event, session, config), ...edited(session, config)],
  blocker: (_, session, event, config) => [
    ...told(event, session, config),
    ...edited(session, config),
    ...moved(config.states.blocker),
  ],
  resolve: (_, session, event, config) => [
    ...told(event, session, config),
    ...edited(session, config),
    // Where a blocker moved nothing, its end has nothing to move back.
    ...(blocked(session) || (config.states.blocker ?? config.states.resolve) === undefined
      ? []
      : moved(working(config, 'resolve'))),
  ],
  close: ({ end }, session, event, config) => [
    ...told(event, session, config),
    ...edited(session, config),
    ...moved(endState(config)[end]),
  ],
  resume: (_, session, event, config) => [
    ...told(event, session, config),
    ...edited(session, config),
    ...moved(blocked(session) ? config.states.blocker : working(config, 'resume')),
  ],
  export: ({ format, content }, session, _, config) => {
    // Markdown comes escaped; the other formats are shown as they are.
    const markdown =
      format === 'markdown'
        ? calmed(content, config)
        : fenced(content, format === 'json' ? 'json' : '', config.maxLength)
    const text = { markdown }
    return config.projectId === undefined
      ? [actions.createEntry({ issue, text })]
      : [actions.createDocument({ title: `Session: ${session.title}`, text })]
  },
}
