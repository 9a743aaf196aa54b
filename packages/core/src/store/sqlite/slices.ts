/** A step of a long work is short; after so many ms of steps everything else gets its turn. */
const SLICE_MS = 8

/** Repeats a short step until it says that it is done, without keeping the event loop from its other work. */
export const inSlices = async (step: () => Promise<boolean>): Promise<void> => {
  let began = performance.now()
  while (!(await step())) {
    if (performance.now() - began < SLICE_MS) continue
    await new Promise<void>(resolve => setImmediate(resolve))
    began = performance.now()
  }
}
