import { defineCommand } from '../command.ts'
import { completionScript, SHELLS } from '../completion.ts'

export const completion = defineCommand({
  name: 'completion',
  group: 'Set up',
  about: 'Prints the completion script of a shell',
  examples: [
    'sessionwire completion bash >> ~/.bashrc',
    'sessionwire completion fish > ~/.config/fish/completions/sessionwire.fish',
  ],
  uses: 'nothing',
  arguments: [{ name: 'shell', about: 'The shell', choices: SHELLS }],
  json: z => z.strictObject({ shell: z.string(), script: z.string() }),
  run: async ({ table: { commands, optionsOf } }, { shell }) => {
    const script = completionScript(shell as (typeof SHELLS)[number], commands, optionsOf)
    return { data: { shell, script }, text: script }
  },
})
