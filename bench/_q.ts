import { plan } from '@sessionwire/core/adapter'
import { benchAdapters } from './stage.ts'
import { updates } from './updates.ts'
const all = updates(); const a = benchAdapters().find(x=>x.name===process.argv[2])!
for (let n=0;n<60000;n++){ const {event,session}=all[n%50]!; JSON.stringify(plan(a,event,session)) }
