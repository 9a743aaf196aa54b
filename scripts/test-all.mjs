// Runs every test, without the samples that `npm test` takes of the slow files:
//   npm run test:all [-- <words for vitest>]
import { spawnSync } from 'node:child_process'

const { status } = spawnSync('vitest', ['run', ...process.argv.slice(2)], {
  env: { ...process.env, SESSIONWIRE_TESTS: 'all' },
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
process.exitCode = status ?? 1
