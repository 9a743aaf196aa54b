// usage: main.mjs <address of the server> [file of the store]
import { memoryStore } from '@sessionwire/core'
import { sqliteStore } from '@sessionwire/core/sqlite'
import { run } from './program.mjs'

const [url, file] = process.argv.slice(2)
const store = file === undefined ? memoryStore() : sqliteStore(file)
console.log(JSON.stringify(await run({ url, store })))
process.exit(0)
