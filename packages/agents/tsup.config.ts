import { build } from '../../tsup.base.ts'

export default build('ai-sdk', 'claude-agent-sdk', 'openai-agents')
