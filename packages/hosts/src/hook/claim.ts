/** A time in which a program recorded a session of a host itself. Epoch ms. */
export type Claim = Readonly<{ pid: number; from: number; until?: number }>

/** Claims as `@sessionwire/agents` writes them: `<pid> <from>`, and `until <time>` behind it; other lines are passed over. */
export const parseClaims = (text: string): readonly Claim[] => {
  const claims: Claim[] = []
  for (const line of text.split('\n')) {
    const [, pid, time] = /^(\d{1,10}|until) (\d{1,16})$/.exec(line) ?? []
    const last = claims.at(-1)
    if (pid === 'until' && last !== undefined) claims[claims.length - 1] = { ...last, until: Number(time) }
    else if (pid !== undefined && pid !== 'until') claims.push({ pid: Number(pid), from: Number(time) })
  }
  return claims
}

/** Whether a program records the session now. One that was killed gave nothing back. */
export const isHeld = (claims: readonly Claim[]): boolean => {
  const last = claims.at(-1)
  if (last === undefined || last.until !== undefined) return false
  try {
    process.kill(last.pid, 0)
    return true
  } catch (thrown) {
    // It is there, and belongs to another user.
    return (thrown as { code?: string }).code === 'EPERM'
  }
}
