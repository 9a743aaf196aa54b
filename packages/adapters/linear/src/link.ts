import type { Adapter } from '@sessionwire/core/adapter'
import { issueUrl } from './actions/input.ts'

/** The session's issue. Earlier releases captured the address of a comment where it was handed over: the issue's, and more. */
export const link: NonNullable<Adapter['link']> = ({ refs, captured }) =>
  issueUrl(captured.url) ?? issueUrl(refs.issue)
