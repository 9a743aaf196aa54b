import type { Json, Lookup } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { LinearConfig } from '../config.ts'
import { call, type Limit, oneLine, pages } from './call.ts'

/** How much of a list is read. A hundred of the largest cost about 300 of the 10,000 points a query may cost. */
export const Paged = {
  /** Most items; with `all`, items of a page. 1 to 100, default 50. */
  limit: z.int().min(1).max(100).default(50),
  /** Reads the following pages too, at most 20. Default false. */
  all: z.boolean().default(false),
}
type Paging = Readonly<{ limit: number; all?: boolean }>

/** Fields of every list next to its items. */
export const PAGE = 'pageInfo { hasNextPage endCursor }'

/** An item with a name. */
export const Named = z.looseObject({ id: z.string(), name: z.string() })

/** A read of a list. `path` leads to the connection below `data`. */
export const readList = (
  config: LinearConfig,
  path: string,
  query: string,
  { limit, all = false }: Paging,
  variables: Readonly<Record<string, Json | undefined>> = {},
  rate?: Limit,
): Lookup => ({
  call: call(config, oneLine(query), { ...variables, first: limit }, rate),
  list: `/data/${path}/nodes`,
  ...(all ? { next: pages(`/data/${path}`) } : {}),
})
