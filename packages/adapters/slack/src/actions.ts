import { messageActions } from './actions/message.ts'
import { workspaceActions } from './actions/workspace.ts'

export { authTest, webhook } from './actions/call.ts'
export { editing, hooking, posting, webhookActions } from './actions/message.ts'

/** Everything a bot can do, by name. */
export const actions = { ...messageActions, ...workspaceActions }
