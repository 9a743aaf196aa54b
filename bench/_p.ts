import { plan } from '@sessionwire/core/adapter'
import { benchAdapters } from './stage.ts'
import { plainPlans } from './plain.ts'
import { updates } from './updates.ts'
const all = updates()
for (const a of benchAdapters()) {
  const p = plainPlans(a)
  const t: number[][] = [[],[]]
  for (let r=0;r<7;r++) { for (const w of [0,1]) { const s=performance.now(); for (let n=0;n<3000;n++){ const {event,session}=all[n%50]!; JSON.stringify(w?p(event,session):plan(a,event,session)) } t[w]!.push(performance.now()-s) } }
  const med=(x:number[])=>[...x].sort((a,b)=>a-b)[3]!
  console.log(a.name.padEnd(8), 'ours', (med(t[0]!)/3).toFixed(1),'us floor',(med(t[1]!)/3).toFixed(1),'us')
}
