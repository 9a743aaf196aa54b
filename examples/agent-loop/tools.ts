import type { SessionHandle } from '@sessionwire/core'

/** One tool call, recorded as what it means. A tool that fails is a blocker until it works. */
export const tools = (session: SessionHandle) => {
  let blocked: { resolve: (how: string) => Promise<unknown> } | undefined
  let tests = 0
  return {
    read: async (path: string) =>
      session.entity({ name: path.split('/').at(-1) ?? path, type: 'file', path }),
    decide: async (what: string, why?: string) => session.decide(what, { rationale: why }),
    edit: async (path: string, progress: number) => session.update(`Edited ${path}`, { progress }),
    test: async (name: string, progress: number) => {
      tests++
      if (tests === 1) {
        blocked = await session.block(`Test ${name} fails: the lock is freed too early`, { category: 'test' })
      } else {
        await blocked?.resolve('Hold the lock for as long as the payment runs')
        await session.update(`Test ${name} passes`, { progress })
      }
    },
  }
}
