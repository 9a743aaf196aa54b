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
  /** Words with which a person starts it in a terminal, so that it asks before `ask` runs. Absent: not tried. */
  asking?: (prompt: string) => readonly string[]
  /** Writes a file. */
  write: (work: string, name: string) => Answer
  /** Runs a command. */
  command: (text: string) => Answer
  /** Edits a file that has not what is to be replaced. */
  failingEdit: (work: string) => Answer
  /** Two items, of which one is done; absent where the host has no list. */
  todos?: readonly Answer[]
  /** A command that a person is asked about. */
  ask?: Answer
  /** Whether it says which commands failed. */
  saysFailures: boolean
}>

const COMMIT =
  'git add a.txt && git -c user.name=Ada -c user.email=ada@example.com commit -m "Lock per invoice"'
/** Codex starts a login shell, which may set another PATH. */
const DECIDE = '"$HOME/bin/sessionwire" decide "Lock per invoice" --why "Two webhooks at once"'
const FAIL = 'echo canary-output; exit 3'
/** Claude Code refuses a `sleep` that stands alone. */
const LONG_SCRIPT = 'setTimeout(() => {}, 60_000)'
const LONG = `node -e '${LONG_SCRIPT}'`
/** The command line of the process that is killed at its work. */
export const LONG_PROGRAM = `node -e ${LONG_SCRIPT}`
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
      CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_AUTOUPDATER: '1',
    }),
    words: (prompt, goesOn) => [...(goesOn ? ['-c'] : []), '-p', prompt],
    asking: prompt => [
      ...['--permission-mode', 'default', '--settings', '{"permissions":{"ask":["Bash(touch:*)"]}}', prompt],
    ],
    write: (work, name) => tool('Write', { file_path: join(work, name), content: 'canary-content\n' }),
    command: command => tool('Bash', { command }),
    failingEdit: work =>
      tool('Edit', { file_path: join(work, 'a.txt'), old_string: 'missing', new_string: 'x' }),
    todos: [
      // It gives the schemas of these tools only when it asks for them.
      tool('ToolSearch', { query: 'select:TaskCreate,TaskUpdate', max_results: 5 }),
      tool('TaskCreate', { subject: 'canary-plan', description: 'canary-plan', activeForm: 'canary-plan' }),
      tool('TaskCreate', { subject: 'second', description: 'second', activeForm: 'second' }),
      tool('TaskUpdate', { taskId: '1', status: 'completed' }),
    ],
    ask: tool('Bash', { command: 'touch b.txt' }),
    saysFailures: true,
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
        // Screens that a person sees once.
        '[notice.model_migrations]\n"gpt-5.5" = "gpt-6-sol"',
        '[tui.model_availability_nux]\n"gpt-6.1-sol" = 4',
      ].join('\n'),
    }),
    env: () => ({ FAKE_KEY: 'dummy' }),
    words: (prompt, goesOn) => [
      ...['exec', ...(goesOn ? ['resume', '--last'] : [])],
      ...['--dangerously-bypass-hook-trust', '--dangerously-bypass-approvals-and-sandbox', prompt],
    ],
    asking: prompt => [
      ...[
        '--no-daemon',
        '--dangerously-bypass-hook-trust',
        '-a',
        'on-request',
        '-s',
        'workspace-write',
        prompt,
      ],
    ],
    write: (_, name) =>
      tool('apply_patch', `*** Begin Patch\n*** Add File: ${name}\n+canary-content\n*** End Patch\n`),
    command: cmd => tool('exec_command', { cmd, ...(cmd === LONG ? { yield_time_ms: 65_000 } : {}) }),
    failingEdit: () =>
      tool('apply_patch', '*** Begin Patch\n*** Update File: a.txt\n@@\n-missing\n+x\n*** End Patch\n'),
    ask: tool('exec_command', {
      cmd: 'touch b.txt',
      sandbox_permissions: 'require_escalated',
      justification: 'x',
    }),
    saysFailures: false,
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
    write: (work, name) => tool('write_file', { file_path: join(work, name), content: 'canary-content\n' }),
    command: command => tool('run_shell_command', { command }),
    failingEdit: work =>
      tool('replace', {
        file_path: join(work, 'a.txt'),
        old_string: 'missing',
        new_string: 'x',
        instruction: 'x',
      }),
    todos: [
      tool('write_todos', {
        todos: [
          { description: 'canary-plan', status: 'completed' },
          { description: 'second', status: 'pending' },
        ],
      }),
    ],
    saysFailures: true,
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
    write: (work, name) => tool('create', { path: join(work, name), file_text: 'canary-content\n' }),
    command: command => tool('bash', { command, description: 'x' }),
    failingEdit: work => tool('edit', { path: join(work, 'a.txt'), old_str: 'missing', new_str: 'x' }),
    todos: [
      tool('sql', {
        description: 'x',
        query:
          "INSERT INTO todos (id, title, status) VALUES ('t1','canary-plan','done'),('t2','second','pending')",
      }),
    ],
    saysFailures: true,
  },
}

/** The answers of the model to a host: a day's work, what comes after, a question, and what runs until it is killed. */
export const scriptsOf = (
  { write, command, failingEdit, todos = [], ask }: Driver,
  work: string,
): Scripts => ({
  story: [
    write(work, 'a.txt'),
    command('echo canary-output'),
    command(DECIDE),
    ...[1, 2, 3].map(() => command(FAIL)),
    failingEdit(work),
    ...todos,
    command(COMMIT),
    DONE,
  ],
  later: [write(work, 'c.txt'), { text: 'Hello again. canary-answer' }],
  ask: [...(ask === undefined ? [] : [ask]), command(LONG), DONE],
})

/** Writes the host's own files. */
export const prepare = (driver: Driver, place: Place): void => {
  for (const [path, text] of Object.entries(driver.files(place))) {
    const file = join(place.home, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
