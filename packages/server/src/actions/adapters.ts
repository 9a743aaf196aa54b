import * as z from 'zod'
import { Refused, refuse } from '../access/refusal.ts'
import { readQuery } from '../http/query.ts'
import type { Answer, Asked, Route } from '../http/route.ts'
import { type Performed, performRead } from '../operations/perform.ts'
import { type ActionContext, actionsOf, callWrite, findAction } from './call.ts'

/** 202: it is planned, or the service has not answered yet. */
const answerOf = (performed: Performed): Answer => ({
  status: performed.state === 'delivered' ? 200 : 202,
  body: performed,
})

const nameIn = ({ path }: Asked): Readonly<{ adapter: string; action: string }> => ({
  adapter: path.adapter ?? '',
  action: path.action ?? '',
})

/** The schema of an action as JSON Schema; anything where it has none. */
const schemaOf = (input: unknown): unknown => {
  try {
    return z.toJSONSchema(input as z.ZodType, { io: 'input', unrepresentable: 'any' })
  } catch {
    return {}
  }
}

const list = ({ adapters, allowDestructive }: ActionContext): Answer => ({
  status: 200,
  body: {
    adapters: adapters.map(adapter => ({
      name: adapter.name,
      mode: adapter.mode,
      actions: Object.entries(actionsOf(adapter)).map(([name, { effect, about, input }]) => ({
        name,
        effect,
        ...(about === undefined ? {} : { about }),
        ...(effect === 'destructive'
          ? { allowed: allowDestructive && adapter.allowDestructive === true }
          : {}),
        input: schemaOf(input),
      })),
    })),
  },
})

/** Makes the routes of every adapter's actions: reads by GET or POST, writes by POST. */
export const adapterRoutes = (context: ActionContext): readonly Route[] => [
  {
    method: 'GET',
    path: '/actions',
    needs: 'read',
    shape: 'error',
    answer: () => list(context),
  },
  {
    method: 'GET',
    path: '/actions/{adapter}/{action}',
    needs: 'read',
    shape: 'error',
    answer: async asked => {
      const { adapter, action } = nameIn(asked)
      const { effect, input } = findAction(context, adapter, action)
      if (effect !== 'read')
        throw new Refused(
          refuse(405, 'METHOD_NOT_ALLOWED', `${adapter}.${action} writes: send it by POST.`, {
            allow: 'POST',
          }),
        )
      const mine = { ...context, subject: asked.subject }
      const given = readQuery(input as z.ZodType, asked.query)
      const result = await performRead(mine, adapter, action, given)
      return { status: 200, body: { result } }
    },
  },
  {
    method: 'POST',
    path: '/actions/{adapter}/{action}',
    needs: 'known',
    shape: 'error',
    answer: async asked => {
      const { adapter, action } = nameIn(asked)
      const { subject, body: input, headers, query } = asked
      const { effect } = findAction(context, adapter, action)
      const mine = { ...context, subject }
      if (effect === 'read')
        return { status: 200, body: { result: await performRead(mine, adapter, action, input) } }
      const key = headers['idempotency-key']
      const sessionId = query.get('session') ?? undefined
      return answerOf(await callWrite(mine, adapter, action, input, { key, sessionId }))
    },
  },
]
