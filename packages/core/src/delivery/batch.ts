/**
 * Groups calls into one call of `write`, so that what becomes ready together costs one transaction: those of one tick, or
 * those that come before `soon` calls back. Each caller gets its own result, or the failure of the whole.
 */
export const createBatch = <I, O>(
  write: (items: readonly I[]) => Promise<readonly O[]>,
  soon: (call: () => void) => void = queueMicrotask,
): ((item: I) => Promise<O>) => {
  let open: { item: I; resolve: (value: O) => void; reject: (reason: unknown) => void }[] = []
  const flush = async (): Promise<void> => {
    const batch = open
    open = []
    try {
      const results = await write(batch.map(each => each.item))
      batch.forEach((each, n) => {
        each.resolve(results[n] as O)
      })
    } catch (thrown) {
      for (const each of batch) each.reject(thrown)
    }
  }
  return item =>
    new Promise<O>((resolve, reject) => {
      open.push({ item, resolve, reject })
      if (open.length === 1) soon(() => void flush())
    })
}
