import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { HostName } from '@sessionwire/hosts'
import type { Answer, Scripts } from './model.ts'

/** Where one host works, and what is around it. */
export type Place = Readonly<{ home: string; work: string; url: string }>

/** How a real host is set up and run without a person. */
export type Driver = Readonly<{
  /** Name and version on npm, as it was tried last. */
  package: string
  program: string
  /** Files of the host's own, in addition to our hooks; by their path in the home folder. */
  files: (place: Place) => Readonly<Record<string, string>>
  env: (place: Place) => Readonly<Record<string, string>>
  /** Words of a run with a prompt; `goesOn` continues the last session. */
  words: (prompt: string, goesOn: boolean) => readonly string[]
  /** A file written, a command that fails, an edit that fails, a commit, and the end. */
  story: (work: string) => readonly Answer[]
  /** A command that runs until it is killed. */
  long: Answer
  /** Progress that the story's to-do list ends with; absent where the host has none. */
  progress?: number
}>

const COMMIT =
  'git add a.txt && git -c user.name=Ada -c user.email=ada@example.com commit -m "Lock per invoice"'
const FAIL = 'echo out; exit 3'
/** Claude Code refuses a `sleep` that stands alone. */
const LONG = `node -e 'setTimeout(() => {}, 60_000)'`
const DONE: Answer = { text: 'All done. canary-answer' }

const tool = (name: string, input: Readonly<Record<string, unknown>> | string): Answer => ({
  tools: [{ name, input }],
})

export const DRIVERS: Readonly<Partial<Record<HostName, Driver>>> = {
  claude: {
    package: '@anthropic-ai/claude-code@2.1.332',
    program: 'claude',
    files: ({ home, work }) => ({
      '.claude/settings.json': JSON.stringify(
        { permissions: { allow: ['Edit', 'Write', 'Bash', 'Read'] } },
        null,
        2,
      ),
      '.claude.json': JSON.stringify({
        hasCompletedOnboarding: true,
        projects: { [work]: { hasTrustDialogAccepted: true } },
        customApiKeyResponses: { approved: ['dummy-key-0000000000'], rejected: [] },
        home,
      }),
    }),
    env: ({ url }) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'dummy-key-0000000000',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_AUTOUPDATER: '1',
    }),
    words: (prompt, goesOn) => [...(goesOn ? ['-c'] : []), '-p', prompt],
    story: work => [
      tool('Write', { file_path: join(work, 'a.txt'), content: 'one\n' }),
      tool('Bash', { command: FAIL }),
      tool('Edit', { file_path: join(work, 'a.txt'), old_string: 'missing', new_string: 'x' }),
      tool('Bash', { command: COMMIT }),
      DONE,
    ],
    long: tool('Bash', { command: LONG }),
  },
  codex: {
    package: '@openai/codex@0.171.0',
    program: 'codex',
    files: ({ work, url }) => ({
      '.codex/config.toml': [
        'model = "gpt-5.5"',
        'model_provider = "fake"',
        'check_for_update_on_startup = false',
        '[analytics]\nenabled = false',
        `[model_providers.fake]\nname = "fake"\nbase_url = "${url}/v1"\nwire_api = "responses"\nenv_key = "FAKE_KEY"`,
        `[projects."${work}"]\ntrust_level = "trusted"`,
      ].join('\n'),
    }),
    env: () => ({ FAKE_KEY: 'dummy' }),
    words: (prompt, goesOn) => [
      ...['exec', ...(goesOn ? ['resume', '--last'] : [])],
      ...['--dangerously-bypass-hook-trust', '--dangerously-bypass-approvals-and-sandbox', prompt],
    ],
    story: () => [
      tool('apply_patch', '*** Begin Patch\n*** Add File: a.txt\n+one\n*** End Patch\n'),
      tool('exec_command', { cmd: FAIL }),
      tool('apply_patch', '*** Begin Patch\n*** Update File: a.txt\n@@\n-missing\n+x\n*** End Patch\n'),
      tool('exec_command', { cmd: COMMIT }),
      DONE,
    ],
    long: tool('exec_command', { cmd: LONG, yield_time_ms: 65_000 }),
  },
  gemini: {
    package: '@google/gemini-cli@0.61.0',
    program: 'gemini',
    files: () => ({
      '.gemini/settings.json': JSON.stringify(
        {
          security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
          privacy: { usageStatisticsEnabled: false },
          telemetry: { enabled: false },
          general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
          model: { name: 'gemini-2.5-flash' },
        },
        null,
        2,
      ),
    }),
    env: ({ url }) => ({
      GEMINI_API_KEY: 'dummy-key',
      GOOGLE_GEMINI_BASE_URL: url,
      GEMINI_TELEMETRY_ENABLED: 'false',
    }),
    words: (prompt, goesOn) => [...(goesOn ? ['-r', 'latest'] : []), '--approval-mode', 'yolo', '-p', prompt],
    story: work => [
      tool('write_file', { file_path: join(work, 'a.txt'), content: 'one\n' }),
      tool('run_shell_command', { command: FAIL }),
      tool('replace', {
        file_path: join(work, 'a.txt'),
        old_string: 'missing',
        new_string: 'x',
        instruction: 'x',
      }),
      tool('write_todos', {
        todos: [
          { description: 'canary-plan', status: 'completed' },
          { description: 'second', status: 'pending' },
        ],
      }),
      tool('run_shell_command', { command: COMMIT }),
      DONE,
    ],
    long: tool('run_shell_command', { command: LONG }),
    progress: 50,
  },
  copilot: {
    package: '@github/copilot@1.0.102',
    program: 'copilot',
    files: ({ work }) => ({
      '.copilot/config.json': JSON.stringify({
        trusted_folders: [work],
        trustedFolders: [work],
        banner: 'never',
      }),
    }),
    env: ({ url }) => ({
      COPILOT_OFFLINE: 'true',
      COPILOT_PROVIDER_BASE_URL: url,
      COPILOT_PROVIDER_TYPE: 'anthropic',
      COPILOT_PROVIDER_API_KEY: 'dummy',
      COPILOT_MODEL: 'claude-sonnet-4.5',
      COPILOT_AUTO_UPDATE: 'false',
    }),
    words: (prompt, goesOn) => [
      ...['--allow-all-tools', '--disable-builtin-mcps', ...(goesOn ? ['--continue'] : []), '-p', prompt],
    ],
    story: work => [
      tool('create', { path: join(work, 'a.txt'), file_text: 'one\n' }),
      tool('bash', { command: FAIL, description: 'x' }),
      tool('edit', { path: join(work, 'a.txt'), old_str: 'missing', new_str: 'x' }),
      tool('sql', {
        description: 'x',
        query:
          "INSERT INTO todos (id, title, status) VALUES ('t1','canary-plan','done'),('t2','second','pending')",
      }),
      tool('bash', { command: COMMIT, description: 'x' }),
      DONE,
    ],
    long: tool('bash', { command: LONG, description: 'x' }),
    progress: 50,
  },
}

/** The answers of the model to a host. */
export const scriptsOf = ({ story, long }: Driver, work: string): Scripts => ({
  story: story(work),
  hello: [{ text: 'Hello again.' }],
  long: [long, DONE],
})

/** Writes the host's own files. */
export const prepare = (driver: Driver, place: Place): void => {
  for (const [path, text] of Object.entries(driver.files(place))) {
    const file = join(place.home, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
