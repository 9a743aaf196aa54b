import type { Json, Lookup } from '@sessionwire/core/adapter'
import * as z from 'zod'
import type { LinearConfig } from '../config.ts'
import { call, type Limit, oneLine, pages } from './call.ts'

/** How much of a list is read. A hundred of the largest cost some 300 of the 10,000 points a query may cost. */
export const Paged = {
  /** How many at most; with `all`, how many at a time. */
  first: z.int().min(1).max(100).default(50),
  /** Reads on to the end, 20 pages at most. */
  all: z.boolean().default(false),
}
type Paging = Readonly<{ first: number; all: boolean }>

/** What every list asks for beside its items. */
export const PAGE = 'pageInfo { hasNextPage endCursor }'

/** Something with a name. */
export const Named = z.looseObject({ id: z.string(), name: z.string() })

/** A read of a list. `path` leads to the connection below `data`. */
export const listed = (
  config: LinearConfig,
  path: string,
  query: string,
  { first, all }: Paging,
  variables: Readonly<Record<string, Json | undefined>> = {},
  limit?: Limit,
): Lookup => ({
  call: call(config, oneLine(query), { ...variables, first }, limit),
  list: `/data/${path}/nodes`,
  ...(all ? { next: pages(`/data/${path}`) } : {}),
})
