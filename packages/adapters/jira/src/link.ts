import type { Adapter } from '@sessionwire/core/adapter'

const KEY = /^[A-Za-z][A-Za-z0-9_]*-[1-9]\d*$/

/** The session's issue at the site people open: `<site>/browse/ENG-12`. The gateway, and a bare number, have no page. */
export const linkAt =
  (site: string | undefined): NonNullable<Adapter['link']> =>
  ({ refs, captured }) => {
    const key = captured.issue ?? refs.issue
    return site === undefined || typeof key !== 'string' || !KEY.test(key)
      ? undefined
      : { name: key, url: `${site.replace(/\/+$/, '')}/browse/${key}` }
  }
