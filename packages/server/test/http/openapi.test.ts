import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import createClient from 'openapi-fetch'
import openapiTS, { astToString } from 'openapi-typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { API } from '../../src/http/api.ts'
import { openapi } from '../../src/http/openapi.ts'
import { resultOf } from '../../src/http/results.ts'
import { KEY, openStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.end())

describe('the description of the API', () => {
  test('is valid OpenAPI 3.1, and a defect in it is found', async () => {
    const document = openapi()
    expect(await new Validator().validate(document)).toMatchObject({ valid: true })
    const { info: _, ...broken } = document
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false })
  })

  test('is given to every known caller, and to nobody else', async () => {
    const { status, json } = await stage.send('/api/openapi.json')
    expect([status, json]).toEqual([200, JSON.parse(JSON.stringify(openapi()))])
    expect((await stage.send('/api/openapi.json', { key: false })).status).toBe(401)
  })

  test('has every path once, with its input as the operation checks it', () => {
    const { paths } = openapi() as { paths: Record<string, Record<string, { operationId: string }>> }
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`,
      ),
    )
    expect(listed.sort()).toEqual(
      API.map(({ method, path, operation }) => `${method} ${path} ${operation}`).sort(),
    )
  })
})

describe('a client that is generated from it', () => {
  test('compiles, and refuses a missing field and an unknown value', async () => {
    const types = astToString(await openapiTS(JSON.parse(JSON.stringify(openapi()))))
    const folder = mkdtempSync(join(import.meta.dirname, '.client-'))
    try {
      writeFileSync(join(folder, 'api.d.ts'), types)
      writeFileSync(
        join(folder, 'client.ts'),
        `import createClient from 'openapi-fetch'
import type { paths } from './api.js'
const api = createClient<paths>({ baseUrl: 'http://127.0.0.1' })
export const record = async (): Promise<string | undefined> => {
  const { data } = await api.POST('/api/sessions', { body: { goal: 'Stop double charging', key: 'k' } })
  const id = data?.data.session?.id ?? 'current'
  const path = { sessionId: id }
  await api.POST('/api/sessions/{sessionId}/updates', { params: { path }, body: { description: 'Found', progress: 3 } })
  // @ts-expect-error the description is missing
  await api.POST('/api/sessions/{sessionId}/updates', { params: { path }, body: { progress: 3 } })
  // @ts-expect-error a severity has four values
  await api.POST('/api/sessions/{sessionId}/blockers', { params: { path }, body: { description: 'x', severity: 'bad' } })
  const { error } = await api.GET('/api/recall', { params: { query: { query: 'lock' } } })
  return error?.error.message
}
`,
      )
      const tsc = join(import.meta.dirname, '../../../../node_modules/.bin/tsc')
      const compilerOptions = {
        ...{ noEmit: true, strict: true, skipLibCheck: true, types: [], target: 'es2023' },
        ...{ module: 'nodenext', lib: ['es2023', 'dom'] },
      }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['client.ts'] }))
      const { stdout } = spawnSync(tsc, ['-p', folder], { encoding: 'utf8' })
      expect(stdout).toBe('')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('records a whole session', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: its types are checked above
    const api = createClient<any>({
      baseUrl: `http://127.0.0.1:${stage.port}`,
      headers: { 'x-api-key': KEY },
    }) as {
      POST: (path: string, options: object) => Promise<{ data?: { data: never }; error?: unknown }>
      GET: (path: string, options: object) => Promise<{ data?: { data: never }; error?: unknown }>
    }
    const seen: Record<string, unknown> = {}
    const keep = async (operation: string, call: Promise<{ data?: { data: never }; error?: unknown }>) => {
      const { data, error } = await call
      expect([operation, error]).toEqual([operation, undefined])
      seen[operation] = data?.data
      return data?.data as unknown as Record<string, never>
    }
    const { session } = await keep(
      'start',
      api.POST('/api/sessions', { body: { goal: 'Stop double charging', user: 'ada' } }),
    )
    const within = { params: { path: { sessionId: (session as unknown as { id: string }).id } } }
    const at = (name: string) => `/api/sessions/{sessionId}/${name}`
    const record = (operation: string, name: string, body: object) =>
      keep(operation, api.POST(at(name), { ...within, body }))
    await record('update', 'updates', { description: 'Reproduced', progress: 35, tags: ['race'] })
    await record('decide', 'decisions', { content: 'Lock per invoice', rationale: 'Stripe retries' })
    const { blockerId } = await record('block', 'blockers', { description: 'No key', severity: 'high' })
    await record('resolve', 'resolutions', { blocker: blockerId, resolution: 'Key issued' })
    await record('message', 'messages', { role: 'user', content: 'Stop it' })
    await record('entity', 'entities', { name: 'InvoiceLock', type: 'class' })
    await record('close', 'close', { summary: 'Fixed', progress: 100 })
    for (const [operation, path] of [
      ['show', '/api/sessions/{sessionId}'],
      ['status', at('status')],
      ['messages', at('messages')],
      ['deliveries', at('deliveries')],
      ['preview', at('preview')],
    ] as const)
      await keep(operation, api.GET(path, within))
    await keep('sessions', api.GET('/api/sessions', { params: { query: { status: 'completed', limit: 1 } } }))
    await keep('recall', api.GET('/api/recall', { params: { query: { query: 'lock', budget: 2_000 } } }))
    const records = new Map(API.map(each => [each.operation, each.records]))
    const wrong = Object.entries(seen).flatMap(([name, data]) => {
      const { success, error } = resultOf(records.get(name) ? 'recorded' : name).safeParse(data)
      return success ? [] : [[name, error.issues]]
    })
    expect(wrong).toEqual([])
    expect((seen.show as { session: unknown }).session).toMatchObject({
      ...{ status: 'completed', progress: 100, user: 'ada', summary: 'Fixed' },
      updates: [{ description: 'Reproduced', tags: ['race'] }],
      decisions: [{ content: 'Lock per invoice', rationale: 'Stripe retries' }],
      blockers: [{ blockerId, resolution: 'Key issued' }],
      entities: [{ name: 'InvoiceLock', type: 'class' }],
    })
    expect((seen.messages as { messages: unknown }).messages).toMatchObject([
      { role: 'user', content: 'Stop it' },
    ])
  })
})
