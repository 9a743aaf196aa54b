/** Questions for people, in a file of its own in the build, because few runs ask any. */
export { confirm, isCancel, select } from '@clack/prompts'
