import {
  type Card,
  type CardContext,
  cardHooks,
  type Hook,
  type Json,
  oneLine,
  parseRef,
  type SessionStatus,
  step,
  titleOf,
} from '@sessionwire/core/adapter'
import {
  createCard,
  createCardComment,
  createEntry,
  editCard,
  editCardComment,
  renameCard,
} from './actions/cards.ts'
import { type Commit, editRun, newRun, newStatus } from './actions/checks.ts'
import { isSha, issueIn } from './actions/input.ts'
import { actions } from './actions.ts'
import { checkKind, type GithubConfig } from './config.ts'
import { cardComment, cardText, entryComment, exportText } from './text.ts'

const TITLE_UNITS = 256
/** Longest description of a commit status, in characters. */
const DESCRIPTION_UNITS = 140
/** Longest summary of a check run; GitHub's OpenAPI document says 65,535 characters. */
const SUMMARY_UNITS = 60_000

const numberIn = (text: string | undefined) => (text === undefined ? undefined : Number(text))

type Context = CardContext<GithubConfig, Hook, number>

/** The commit that `start({ refs })` gave: its hash, or `head` for the head of the pull request it gave. */
const findCommit = (context: Context): Commit | undefined =>
  parseRef(
    context.session,
    context.config.as,
    'commit',
    given => {
      if (isSha(given)) return { sha: given.toLowerCase() }
      return given === 'head' && context.linked !== undefined ? { pull: 'session' } : undefined
    },
    'the whole hash of a commit, or "head" together with a pull request in issue',
  )

/** The state of a check run by the session's; only a completed session is a success, and no other end fails a commit. */
const RUN_STATES: Readonly<Record<SessionStatus, Readonly<Record<string, string>>>> = {
  active: { status: 'in_progress' },
  completed: { conclusion: 'success' },
  failed: { conclusion: 'neutral' },
  cancelled: { conclusion: 'neutral' },
  crashed: { conclusion: 'neutral' },
  abandoned: { conclusion: 'neutral' },
  left: { conclusion: 'neutral' },
}
/** The same for a commit status, which has no neutral state: a session that did not complete is an error, not a failure. */
const STATUS_STATES: Readonly<Record<SessionStatus, string>> = {
  active: 'pending',
  completed: 'success',
  failed: 'error',
  cancelled: 'error',
  crashed: 'error',
  abandoned: 'error',
  left: 'pending',
}

const stateOf = ({ progressText, standing }: Card): string =>
  progressText === '' ? standing : `${progressText}, ${standing}`

const runOf = ({ session, config, card, url }: Context): Json => ({
  ...RUN_STATES[session.status],
  output: {
    title: oneLine(`${stateOf(card)}: ${titleOf(session, 100)}`, TITLE_UNITS),
    summary: cardText(card, { links: config.links, maxLength: SUMMARY_UNITS }, undefined),
  },
  ...(url === undefined ? {} : { details_url: url }),
})

const setStatusOf = (context: Context, commit: Commit) => {
  const { session, config, card, url } = context
  return step('setCheckStatus', (at: Readonly<{ key: string; config: GithubConfig }>) => ({
    ...newStatus(
      commit,
      {
        state: STATUS_STATES[session.status],
        context: config.checkName,
        description: oneLine(stateOf(card), DESCRIPTION_UNITS),
        ...(url === undefined ? {} : { target_url: url }),
      },
      at,
    ),
    coalesce: { name: 'check', everyMs: 5_000 },
  }))
}

const startCheck = (context: Context) => {
  const kind = checkKind(context.config)
  const commit = kind === undefined ? undefined : findCommit(context)
  if (commit === undefined) return []
  return kind === 'run'
    ? [
        step('createCheck', (at: Readonly<{ key: string; config: GithubConfig }>) =>
          newRun(context.config.checkName, commit, runOf(context), 'checkRun', at),
        ),
      ]
    : [setStatusOf(context, commit)]
}

const editCheck = (context: Context) => {
  const kind = checkKind(context.config)
  const commit = kind === undefined ? undefined : findCommit(context)
  if (commit === undefined) return []
  return kind === 'run' ? [editRun(runOf(context))] : [setStatusOf(context, commit)]
}

/** The hooks: an issue whose description has the card, or one comment with the card at an issue or pull request of people. */
export const hooks = cardHooks<GithubConfig, 'open' | 'completed' | 'not_planned', number>({
  linked: {
    ref: 'issue',
    read: (given, config) => numberIn(issueIn(given, config)),
    expected: ({ owner, repo }) =>
      `the number or the address of an issue or a pull request of ${owner}/${repo}`,
  },
  create: context => {
    const { session, card, config, url, linked } = context
    return [
      linked === undefined
        ? createCard(titleOf(session, TITLE_UNITS), cardText(card, config, url), context)
        : createCardComment(linked, cardComment(card, context, config, url)),
    ]
  },
  edit: context => {
    const { card, config, url, linked } = context
    const comment = cardComment(card, context, config, url)
    return [
      linked === undefined
        ? editCard(cardText(card, config, url), comment, context)
        : editCardComment(comment),
      ...editCheck(context),
    ]
  },
  retitle: ({ session }) => [renameCard(titleOf(session, TITLE_UNITS))],
  links: 'card',
  entry: (entry, context) => [createEntry(context.linked, entryComment(entry, context, context.config))],
  setStatus: status => [actions.setStatus({ status })],
  statuses: ({ statuses }) => statuses,
  more: {
    start: startCheck,
    export: ({ linked, event, config }) => [
      createEntry(linked, exportText(event.payload.format, event.payload.content, config)),
    ],
  },
})
