// Task A is finished at 100 %. Task B has nothing to do with it.
// Right: B begins at 0 % unless the caller asks to continue.
import { createTracker } from '@sessionwire/core'
import { verdict } from '../app/lib.mjs'

const t = await createTracker({ project: 'p', user: 'u' })
const a = await t.start({ goal: 'Task A' })
await a.close({ progress: 100 })
const b = await t.start({ goal: 'Task B' })
const { progress } = await b.load()
console.log('B begins at', progress)
verdict(progress === 0, 'a new session begins at 0')
await t.close()
