/**
 * A hostile collector: a small server on 127.0.0.1 that reads OTLP as strictly as its specification allows, keeps spans by their
 * ids, and fails on request.
 * @module testing
 */
import type { Json } from '@sessionwire/core/adapter'
import {
  type Answer,
  createHostileServer,
  type HostileServer,
  type Received,
} from '@sessionwire/core/testing'

/** How a hostile collector is made. */
export type HostileCollectorOptions = Readonly<{
  /** Headers that every request must have, by lower-case name. Default: none. */
  headers?: Readonly<Record<string, string>>
  /** Default `Date.now`. */
  now?: () => number
  /** For ids and failures by chance. Default 1. */
  seed?: number
}>

type Fields = Readonly<Record<string, Json>>

/** A hostile collector that runs. */
export interface HostileCollector extends HostileServer {
  /** Spans by their ids, each once, in their order. */
  spans(): readonly Fields[]
  /** Log records by the id of their event, each once, in their order. */
  logs(): readonly Fields[]
}

const isFields = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
const isId = (value: Json | undefined, bytes: number): boolean =>
  typeof value === 'string' && new RegExp(`^[0-9a-f]{${bytes * 2}}$`).test(value) && !/^0+$/.test(value)
const isTime = (value: Json | undefined): boolean =>
  typeof value === 'string' && /^[1-9]\d{17,19}$/.test(value)
const hasOnly = (value: Fields, names: string): boolean =>
  Object.keys(value).every(name => names.split(' ').includes(name))

const isAny = (value: Json | undefined): boolean => {
  if (!isFields(value)) return false
  const entries = Object.entries(value)
  if (entries.length === 0) return true
  const [[name, inner] = ['', null]] = entries
  if (entries.length !== 1) return false
  if (name === 'stringValue') return typeof inner === 'string'
  if (name === 'boolValue') return typeof inner === 'boolean'
  if (name === 'intValue') return typeof inner === 'string' && /^-?\d{1,19}$/.test(inner)
  if (name === 'doubleValue') return typeof inner === 'number'
  if (name === 'arrayValue') return isFields(inner) && list(inner.values).every(isAny)
  return name === 'kvlistValue' && isFields(inner) && areAttributes(inner.values)
}
const areAttributes = (value: Json | undefined): boolean => {
  const keys = list(value).map(each => (isFields(each) ? each.key : undefined))
  return (
    list(value).every(
      each =>
        isFields(each) && hasOnly(each, 'key value') && typeof each.key === 'string' && isAny(each.value),
    ) && new Set(keys).size === keys.length
  )
}

const isSpan = (span: Fields): boolean =>
  hasOnly(
    span,
    'traceId spanId parentSpanId name kind startTimeUnixNano endTimeUnixNano attributes status flags',
  ) &&
  isId(span.traceId, 16) &&
  isId(span.spanId, 8) &&
  (span.parentSpanId === undefined || isId(span.parentSpanId, 8)) &&
  typeof span.name === 'string' &&
  span.name !== '' &&
  [1, 2, 3, 4, 5].includes(span.kind as number) &&
  isTime(span.startTimeUnixNano) &&
  isTime(span.endTimeUnixNano) &&
  BigInt(String(span.endTimeUnixNano)) >= BigInt(String(span.startTimeUnixNano)) &&
  areAttributes(span.attributes) &&
  isFields(span.status) &&
  [0, 1, 2].includes(span.status.code as number)

const isLog = (log: Fields): boolean =>
  hasOnly(
    log,
    'timeUnixNano observedTimeUnixNano severityNumber severityText eventName body attributes traceId spanId flags',
  ) &&
  isTime(log.timeUnixNano) &&
  isTime(log.observedTimeUnixNano) &&
  Number.isInteger(log.severityNumber) &&
  typeof log.eventName === 'string' &&
  (log.body === undefined || isAny(log.body)) &&
  areAttributes(log.attributes) &&
  (log.traceId === undefined || (isId(log.traceId, 16) && isId(log.spanId, 8)))

/** The value of an attribute that holds a string. */
export const attributeOf = (record: Fields, key: string): string | undefined => {
  const found = list(record.attributes).find(each => isFields(each) && each.key === key)
  const value = isFields(found) ? found.value : undefined
  const { stringValue, intValue } = isFields(value) ? value : {}
  return typeof stringValue === 'string' ? stringValue : typeof intValue === 'string' ? intValue : undefined
}

/** Starts a hostile collector on a free port of 127.0.0.1. */
export const hostileCollector = async (options: HostileCollectorOptions = {}): Promise<HostileCollector> => {
  const { headers = {}, now = Date.now, seed } = options
  const spans = new Map<string, Fields>()
  const logs = new Map<string, Fields>()
  const wrong = (message: string): Answer => ({ status: 400, body: { code: 3, message } })

  const take = (request: Received, signal: 'Spans' | 'Logs'): Answer => {
    const { body } = request
    if (request.encoding !== 'json' || !isFields(body)) return wrong('not JSON')
    const groups = list(body[`resource${signal}`])
    const records: Fields[] = []
    for (const group of groups) {
      if (!isFields(group) || !hasOnly(group, `resource scope${signal}`)) return wrong('unknown field')
      if (!isFields(group.resource) || !areAttributes(group.resource.attributes)) return wrong('resource')
      if (attributeOf(group.resource, 'service.name') === undefined) return wrong('service.name')
      for (const scope of list(group[`scope${signal}`]))
        for (const record of list(
          isFields(scope) ? scope[signal === 'Spans' ? 'spans' : 'logRecords'] : undefined,
        ))
          if (isFields(record)) records.push(record)
    }
    const bad = records.find(record => !(signal === 'Spans' ? isSpan(record) : isLog(record)))
    if (bad !== undefined) return wrong(`a record is not as it must be: ${JSON.stringify(bad).slice(0, 500)}`)
    for (const record of records) {
      const id =
        signal === 'Spans'
          ? `${record.traceId}/${record.spanId}`
          : attributeOf(record, 'sessionwire.event.id')
      const kept = signal === 'Spans' ? spans : logs
      if (id === undefined) return wrong('no id')
      kept.set(id, record)
    }
    return { status: 200, body: {} }
  }
  const server = await createHostileServer({
    name: 'collector',
    now,
    ...(seed === undefined ? {} : { seed }),
    handle: (request, host) => {
      if (!Object.entries(headers).every(([name, value]) => request.headers[name] === value))
        return { status: 401, body: { code: 16, message: 'unauthenticated' } }
      const signal = { '/v1/traces': 'Spans', '/v1/logs': 'Logs' }[request.path] as
        | 'Spans'
        | 'Logs'
        | undefined
      if (signal === undefined || request.method !== 'POST')
        return { status: 404, text: '404 page not found' }
      const answer = take(request, signal)
      if (answer.status === 200) host.effect(signal)
      return answer
    },
    voice: {
      tooManyRequests: (_, seconds) => ({
        status: 429,
        headers: seconds === undefined ? {} : { 'retry-after': String(seconds) },
        body: { code: 8, message: 'too many requests' },
      }),
      broken: () => ({ status: 503, body: { code: 14, message: 'unavailable' } }),
      inside: request => ({
        status: 200,
        body: {
          partialSuccess: {
            [request.path === '/v1/logs' ? 'rejectedLogRecords' : 'rejectedSpans']: '1',
            errorMessage: 'the record is too old',
          },
        },
      }),
    },
  })
  return Object.assign(server, { spans: () => [...spans.values()], logs: () => [...logs.values()] })
}
