#!/usr/bin/env node
// Syntax and imports of this file are those of Node 12, so that an older Node can say what is needed.
import * as nodeModule from 'node:module'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  const message = `Node ${process.versions.node} is too old; expected 22.18 or newer, which has node:sqlite.`
  const todo = 'Install a newer Node, or run it once with: npx -p node@24 -p sessionwire sessionwire'
  if (process.argv.indexOf('--json') >= 0)
    process.stdout.write(`${JSON.stringify({ error: { code: 'CONFIG', message, todo } }, undefined, 2)}\n`)
  process.stderr.write(`CONFIG: ${message}\n${todo}\n`)
  process.exit(3)
}
const { env } = process
// In the user's own folder: a cache in a folder that all users share, or in a workspace, could be written by another user.
let cache = env.NODE_COMPILE_CACHE || env.XDG_CACHE_HOME || ''
if (!env.NODE_COMPILE_CACHE)
  try {
    cache = join(isAbsolute(cache) ? cache : join(homedir(), '.cache'), 'sessionwire')
  } catch {
    // A user without a home folder does without it.
  }
if (isAbsolute(cache)) nodeModule.enableCompileCache(cache)
void import('./program.ts').then(({ runProcess }) => runProcess(process.argv.slice(2), process.argv[1] || ''))
