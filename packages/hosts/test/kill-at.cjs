// Loaded before the hook: ends the process by SIGKILL at its n-th call of the file system, before it, in the middle of a
// write, or after it. KILL_AT is `<n> <before|half|after>`.
const fs = require('node:fs')
const [at, how] = (process.env.KILL_AT ?? '0 before').split(' ')
let calls = 0
const die = () => {
  process.kill(process.pid, 'SIGKILL')
  // The signal arrives while this waits.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_000)
}
for (const name of [
  'openSync',
  'mkdirSync',
  'writeSync',
  'fdatasyncSync',
  'closeSync',
  'statSync',
  'readFileSync',
]) {
  const real = fs[name]
  fs[name] = (...given) => {
    calls++
    if (calls !== Number(at)) return real(...given)
    if (how === 'before') die()
    if (how === 'half' && name === 'writeSync') {
      real(given[0], given[1].subarray(0, given[1].length / 2))
      die()
    }
    const result = real(...given)
    die()
    return result
  }
}
