/** Lets the process end while a timer runs, where timers know how (Node). */
export const silent = (timer: unknown): void => void (timer as { unref?: () => void }).unref?.()
