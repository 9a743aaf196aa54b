import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Serves the bundled program with workerd, asks it once, and returns its answer. */
export const runInWorkerd = async (
  binary: string,
  { entry, folder, server }: Readonly<{ entry: string; folder: string; server: string }>,
): Promise<string> => {
  await build({
    entryPoints: [entry],
    outfile: join(folder, 'workerd.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*'],
    logLevel: 'error',
  })
  const port = await freePort()
  const config = join(folder, 'workerd.capnp')
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .program),
    (name = "internet", network = (allow = ["private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const program :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "workerd.mjs")],
  compatibilityDate = "2026-01-01",
);\n`,
  )
  const child: ChildProcess = spawn(binary, ['serve', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => {
      said += part.toString()
    })
  try {
    for (let attempt = 0; ; attempt++) {
      const answer = await fetch(`http://127.0.0.1:${port}/?server=${encodeURIComponent(server)}`).catch(
        (error: unknown) => error,
      )
      if (answer instanceof Response) return await answer.text()
      if (attempt === 3_000 || child.exitCode !== null)
        throw new Error(`workerd did not answer: ${said || String(answer)}`)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  } finally {
    child.kill()
  }
}
