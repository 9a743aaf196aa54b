import type { Receipt, Session, SessionHandle } from '@sessionwire/core'
import { inputs } from '@sessionwire/core/schema'
import * as z from 'zod'
import { findHindrances } from './hindrances.ts'
import {
  defineOperation,
  type Operation,
  type OperationContext,
  type Result,
  type Subject,
} from './operation.ts'
import { type Chosen, chooseSession, OWNER, ownKey } from './session-of.ts'

/** The field that names the session of a call. */
export const sessionId = z
  .string()
  .min(1)
  .max(256)
  .optional()
  .describe('The id of the session. Default: the current session.')

/** A session as results show it. */
export const summaryOf = ({ id, title, status, progress }: Session) => ({ id, title, status, progress })

/** Longest name of a caller, in characters. */
const NAME = 128

/** The person of a remote caller, who is not the one that runs the server. All who have the API key are one caller. */
const personOf = ({ id }: Subject): string => {
  const name = id
    .replace(/^\w+:/, '')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
  return id.startsWith('key:') || name === '' ? 'API key' : name.slice(0, NAME)
}

/** The result of a recording call as plain JSON. */
const toResult = (receipt: Receipt, session: Session, by: string, more: Result = {}): Result => {
  if (!receipt.recorded)
    return { recorded: false, reason: receipt.error?.message ?? 'The filter left it out.', ...more }
  return {
    recorded: true,
    ...(receipt.repeated ? { repeated: true } : {}),
    eventId: receipt.event.id,
    session: summaryOf(receipt.repeated ? session : receipt.session),
    by,
    ...more,
    planned: receipt.descriptors.map(({ key, action }) => ({ key, action })),
  }
}

/** The input of a call, signed by its author. A model that calls a tool is not a person, whatever it says. */
const sign = <T extends object>({ author }: OperationContext, given: T): T =>
  author === undefined ? given : { ...given, author }

type Call = (handle: SessionHandle) => Promise<Receipt>

const recordIn = async (
  { tracker }: OperationContext,
  { session, by }: Chosen,
  call: Call,
  more: (receipt: Receipt) => Result = () => ({}),
): Promise<Result> => {
  const receipt = await call(tracker.session(session.id))
  return toResult(receipt, session, by, more(receipt))
}

/** Records on the session that the call names. */
const recordOn = async (context: OperationContext, id: string | undefined, call: Call): Promise<Result> =>
  recordIn(context, await chooseSession(context, id), call)

/**
 * Records a decision or blocker. The session of a host is local until it has something to show: from here on it is
 * mirrored. One that was started with `mirror: false`, imported or a sub-agent's stays as it is; the command does the same.
 */
const recordShown = async (
  context: OperationContext,
  id: string | undefined,
  call: Call,
  more: (receipt: Receipt) => Result,
): Promise<Result> => {
  const chosen = await chooseSession(context, id)
  const { id: own, mirror, metadata } = chosen.session
  const isCaptured =
    metadata.hostSession !== undefined && metadata.hostAgent === undefined && metadata.imported === undefined
  const { tracker, show = (id: string) => tracker.session(id).mirror() } = context
  if (mirror === false && isCaptured) await show(own, Date.now())
  return recordIn(context, chosen, call, more)
}

/** The id that an event gave to what it recorded. */
const idOf = (receipt: Receipt, field: 'decisionId' | 'blockerId'): Result => {
  const id = receipt.recorded
    ? (receipt.event.payload as Readonly<Record<string, unknown>>)[field]
    : undefined
  return id === undefined ? {} : { [field]: id }
}

const { writer: _, ...startShape } = inputs.start.shape

const start = defineOperation({
  name: 'start',
  about: 'Starts a session.',
  scope: 'record',
  input: z.strictObject(startShape),
  run: async (context, { key, metadata, ...given }) => {
    const { tracker, subject, workspace, current, asker = {} } = context
    const notes = await findHindrances(context)
    const more = notes.length === 0 ? {} : { notes }
    const found = await current?.(asker)
    // The hooks of the host have opened the session of this work already: a second one would tell half of it each.
    if (found?.by === 'host' && given.goal !== undefined && given.parentId === undefined) {
      const goal = given.goal as string
      const recorded = await recordOn(context, undefined, handle =>
        handle.update(goal, sign(context, { goal, ...(key === undefined ? {} : { key: key as string }) })),
      )
      return { ...recorded, ...more }
    }
    const input = {
      ...(workspace === undefined ? {} : { workspace }),
      ...(subject === undefined ? {} : { user: personOf(subject) }),
      ...(asker.agent === undefined ? {} : { agent: asker.agent }),
      ...given,
      // The server is not the agent that works: its end says nothing about the session.
      writer: 'host' as const,
      ...(key === undefined ? {} : { key: ownKey(context, key as string) }),
      metadata: {
        ...(metadata as object | undefined),
        ...(subject === undefined ? {} : { [OWNER]: subject.id }),
        // Without the name of an agent its goal would pass for a person's.
        ...(context.author === undefined ? {} : { author: context.author.kind }),
      },
    }
    const session = await tracker.start(input as Parameters<typeof tracker.start>[0])
    context.began?.(session.id)
    return toResult(session.receipt, await session.load(), 'started', more)
  },
})

const update = defineOperation({
  name: 'update',
  about: 'Records a step that was done.',
  scope: 'record',
  input: z.strictObject({ sessionId, ...inputs.update.shape }),
  run: (context, { sessionId: id, description, ...given }) =>
    recordOn(context, id, handle => handle.update(description, sign(context, given))),
})

const decide = defineOperation({
  name: 'decide',
  about: 'Records a decision and why it was made.',
  scope: 'record',
  input: z.strictObject({ sessionId, ...inputs.decide.shape }),
  run: (context, { sessionId: id, content, ...given }) =>
    recordShown(
      context,
      id,
      handle => handle.decide(content, sign(context, given)),
      receipt => idOf(receipt, 'decisionId'),
    ),
})

const block = defineOperation({
  name: 'block',
  about: 'Records an obstacle that stops the work.',
  scope: 'record',
  input: z.strictObject({ sessionId, ...inputs.block.shape }),
  run: (context, { sessionId: id, description, ...given }) =>
    recordShown(
      context,
      id,
      handle => handle.block(description, sign(context, given)),
      receipt => idOf(receipt, 'blockerId'),
    ),
})

const { blockerId, ...resolveShape } = inputs.resolve.shape

const resolve = defineOperation({
  name: 'resolve',
  about: 'Records that an obstacle is gone.',
  scope: 'record',
  input: z.strictObject({
    sessionId,
    blocker: z
      .string()
      .min(1)
      .describe('The id of the blocker, or words that only one open blocker of the session has.'),
    ...resolveShape,
  }),
  run: (context, { sessionId: id, blocker, resolution, ...given }) =>
    recordOn(context, id, handle => handle.resolve(blocker, resolution, sign(context, given))),
})

const message = defineOperation({
  name: 'message',
  about: 'Records a message of the conversation. It stays in the store unless an adapter asks for messages.',
  scope: 'record',
  input: z.strictObject({ sessionId, ...inputs.message.shape }),
  run: (context, { sessionId: id, role, content, ...given }) =>
    recordOn(context, id, handle => handle.message(role, content, given)),
})

const entity = defineOperation({
  name: 'entity',
  about: 'Records something that the work touched.',
  scope: 'record',
  input: z.strictObject({ sessionId, ...inputs.entity.shape }),
  run: (context, { sessionId: id, ...given }) =>
    recordOn(context, id, handle => handle.entity(sign(context, given))),
})

const close = defineOperation({
  name: 'close',
  about: 'Ends a session.',
  scope: 'record',
  input: z.strictObject({ sessionId, ...inputs.close.shape }),
  run: (context, { sessionId: id, ...given }) =>
    recordOn(context, id, handle => handle.close(sign(context, given))),
})

/** Operations that record, in the order of a session. */
export const recording: readonly Operation[] = [start, update, decide, block, resolve, message, entity, close]
