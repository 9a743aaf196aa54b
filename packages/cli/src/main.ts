#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

const { env } = process
// In the user's own folder: a cache in a folder that all users share could be written by another one.
enableCompileCache(
  env.NODE_COMPILE_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sessionwire'),
)
const { runProcess } = await import('./program.ts')
await runProcess(process.argv.slice(2), process.argv[1] ?? '')
