import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { Order } from './test/order.ts'

const conditions = ['@sessionwire/source']

/** Tests against a real server run only where the environment names one; none is started unasked. */
const servers = ['TEST_NEO4J_URI', 'TEST_POSTGRES_URL']
const serverNamed = servers.some(name => process.env[name])

const exclude = ['**/node_modules/**', '**/dist/**']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Tests of delivery wait for timers and services most of their time: on two cores four workers take three fifths of the
    // time of two. The whole of it has tests that fill a core for minutes, and processes of their own.
    maxWorkers: process.env.SESSIONWIRE_TESTS === 'all' ? 2 : 4,
    // A database of WebAssembly runs a few statements: compiling it well takes longer than it saves.
    execArgv: ['--liftoff-only'],
    // A process for each file costs three tenths of the whole run. Files restore what they change of their process.
    isolate: false,
    sequence: { sequencer: Order },
    // Programs that several files start are built once.
    globalSetup: fileURLToPath(new URL('test/built.ts', import.meta.url)),
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    // Hundreds of programs that tests start load the same sources.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)) },
    // A busy machine is not a defect.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 300_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/**/test/**/*.test.ts',
            'examples/**/*.test.ts',
            'test/**/*.test.ts',
            'attack/**/*.test.ts',
          ],
          exclude: [...exclude, '**/*.service.test.ts'],
          typecheck: {
            enabled: true,
            // The whole of `tsconfig.json` takes the compiler seven times as long.
            tsconfig: 'tsconfig.types.json',
            include: ['packages/**/test/**/*.test-d.ts'],
            // The sources are `typecheck`'s business: one red file must not fail every single test run.
            ignoreSourceErrors: true,
          },
        },
      },
      ...(serverNamed
        ? [
            {
              extends: true as const,
              test: {
                name: 'services',
                include: ['packages/**/test/**/*.service.test.ts'],
                exclude,
                fileParallelism: false,
              },
            },
          ]
        : []),
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts', 'packages/adapters/*/src/**/*.ts'],
    },
  },
})
