import type { StartedSession } from '@sessionwire/core'
import type { Commit, History } from './history.ts'

const DECIDES = /\b(instead of|rather than|decid\w+|chose\w*|prefer\w*|so that|because)\b/i
const BLOCKS = /\b(fix\w*|bug\w*|broke\w*|fail\w*|block\w*|crash\w*|revert\w*|wrong\w*)\b/i

/** The sentence of a commit message that gives a reason. */
const findReason = (commit: Commit): string | undefined =>
  `${commit.subject}. ${commit.body}`
    .split(/(?<=[.!?])\s+/)
    .find(sentence => DECIDES.test(sentence))
    ?.slice(0, 400)

/** The files most commits touch, and how many did. */
const findTouched = (
  commits: readonly Commit[],
  most: number,
): readonly (readonly [file: string, times: number])[] => {
  const counts = new Map<string, number>()
  for (const file of commits.flatMap(each => each.files)) counts.set(file, (counts.get(file) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most)
}

/**
 * Records a history as the work of a session: an update for each commit, decisions and blockers where the messages speak
 * of them, entities for the files, and a close.
 */
export const record = async (session: StartedSession, { commits }: History): Promise<void> => {
  const from = session.receipt.recorded ? session.receipt.session.progress : 0
  for (const [n, commit] of commits.entries()) {
    const progress = Math.round(from + ((100 - from) * (n + 1)) / (commits.length + 1))
    await session.update(`${commit.subject} (${commit.hash})`, { progress, tags: [commit.author] })
    const rationale = findReason(commit)
    if (rationale !== undefined) await session.decide(commit.subject, { rationale })
    if (BLOCKS.test(commit.subject)) {
      const blocker = await session.block(commit.subject, { category: 'technical', severity: 'medium' })
      await blocker.resolve(`Done in ${commit.hash}`)
    }
  }
  for (const [file, times] of findTouched(commits, 5))
    await session.entity({
      name: file.split('/').at(-1) ?? file,
      type: 'file',
      path: file,
      properties: { commits: times },
    })
  // Work on a repository is never done: the next session goes on from where this one ends.
  await session.close({ summary: `${commits.length} commits recorded` })
}
