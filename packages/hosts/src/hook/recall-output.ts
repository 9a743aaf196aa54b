import type { HostName } from './line.ts'

/** Longest text that hosts take as one message, in characters. */
const LONGEST = 9_500

const forAll = (text: string): unknown => ({
  hookSpecificOutput: { hookEventName: 'SessionStart', additionalContext: text },
})

/** How each host takes context at the start of a session. */
const FORMS: Readonly<Record<HostName, (text: string) => unknown>> = {
  claude: forAll,
  codex: forAll,
  gemini: forAll,
  vscode: forAll,
  copilot: text => ({ additionalContext: text }),
  cursor: text => ({ additional_context: text }),
}

/** The output of the hook for a host; `undefined` for no text, or for one that is too long to be ours. */
export const recallOutput = (host: HostName, text: string): string | undefined =>
  text === '' || text.length > LONGEST ? undefined : JSON.stringify(FORMS[host](text))
