// Jest (and vitest with vmThreads, and every program in node:vm) runs code in a realm of its own: errors of Node's
// built-ins are then no `instanceof Error`. Right: a lock that is held for a moment is waited for (busyMs), a living
// store is not taken for a dead one, also there.

import { mkdtempSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import vm from 'node:vm'
import { build } from 'esbuild'

const require = createRequire(import.meta.url)
const { outputFiles } = await build({
  stdin: {
    contents: "export * from '@sessionwire/core'; export * from '@sessionwire/core/sqlite'",
    resolveDir: import.meta.dirname,
  },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  write: false,
  logLevel: 'error',
  conditions: process.env.NODE_OPTIONS?.includes('@sessionwire/source') ? ['@sessionwire/source'] : [],
})
const load = context => {
  const module = { exports: {} }
  const globals = {
    require,
    module,
    exports: module.exports,
    process,
    console,
    setTimeout,
    clearTimeout,
    setImmediate,
    clearImmediate,
    setInterval,
    clearInterval,
    queueMicrotask,
    performance,
    TextEncoder,
    TextDecoder,
    AbortController,
    AbortSignal,
    URL,
    URLSearchParams,
    crypto,
    btoa,
    atob,
    fetch,
    structuredClone,
  }
  if (context) vm.runInContext(outputFiles[0].text, vm.createContext(globals))
  else new Function(...Object.keys(globals), outputFiles[0].text)(...Object.values(globals))
  return module.exports
}
const { DatabaseSync } = require('node:sqlite')
let bad = 0
for (const [name, other] of [
  ['same realm', false],
  ['realm of its own', true],
]) {
  const { createTracker, sqliteStore } = load(other)
  const db = join(mkdtempSync(join(tmpdir(), 'f10-')), 's.db')
  const first = await createTracker({ project: 'p', user: 'u', store: sqliteStore(db) })
  const session = await first.start({ goal: 'g' })
  const reader = new DatabaseSync(db)
  reader.exec('BEGIN IMMEDIATE')
  setTimeout(() => {
    reader.exec('COMMIT')
    reader.close()
  }, 300)
  const said = await session.update('while it is locked for 300 ms').then(
    r => r.recorded,
    e => `${e.code}: ${e.message}`,
  )
  const { readdirSync } = require('node:fs')
  await new Promise(r => setTimeout(r, 400))
  const second = await createTracker({ project: 'p', user: 'u', store: sqliteStore(db) })
  await second.sessions()
  const locks = readdirSync(db + '-locks').length
  console.log(`${name}: update said ${said}; locks of two living stores: ${locks}`)
  if (said !== true || locks !== 2) bad++
  await second.close()
  await first.close()
}
console.log(bad === 0 ? 'OK' : 'FAULT: a lock is not waited for, and a living store is taken for a dead one')
process.exit(bad === 0 ? 0 : 1)
