import {
  type CustomCall,
  type Fields,
  fieldsOf,
  type Renderer,
  type Variables,
} from '@sessionwire/core/adapter'
import type { Job } from './actions.ts'
import { type Patch, propertyLine } from './patch.ts'

const plus = (text: string): readonly string[] =>
  text
    .replace(/\n$/, '')
    .split('\n')
    .map(line => `+${line}`)

/** A path on one line. */
const show = (path: unknown, names: Variables): string => {
  const { $ref } = fieldsOf(path as Fields)
  return typeof path === 'string'
    ? path
    : typeof $ref === 'string'
      ? `<${names.of({ ref: $ref } as never)}>`
      : '…'
}

const showCreated = (path: string, content: string): string => {
  const lines = plus(content)
  return [`--- /dev/null`, `+++ b/${path}`, `@@ -0,0 +1,${lines.length} @@`, ...lines].join('\n')
}

const showChanged = (path: string, { properties, block, entry }: Patch): string =>
  [
    `--- a/${path}`,
    `+++ b/${path}`,
    ...(properties === undefined
      ? []
      : [
          '@@ front matter @@',
          ...Object.entries(properties).flatMap(([name, value]) => plus(propertyLine(name, value))),
        ]),
    ...(block === undefined
      ? []
      : ['@@ the card @@', ` ${block.open}`, ...plus(block.text), ` ${block.close}`]),
    ...(entry === undefined
      ? []
      : [`@@ at the end of ${entry.heading} @@`, ` ## ${entry.heading}`, ...plus(entry.line)]),
  ].join('\n')

/** A change as a unified diff. The file itself is not read for it, so that it shows what is added and not what is replaced. */
const write = ({ payload }: CustomCall, names: Variables): string => {
  const job = payload as unknown as Job
  switch (job.do) {
    case 'patch': {
      const path = show(job.path, names)
      return job.patch.create === undefined
        ? showChanged(path, job.patch)
        : showCreated(path, job.patch.create)
    }
    case 'number':
      return showCreated(`${job.folder}/NNNN-${job.slug}.md`, job.content)
    default:
      return `# ${job.do}`
  }
}

/** Shows changes of files as unified diffs. */
export const diffRenderer: Renderer = {
  format: 'diff',
  write,
  comment: text => `# ${text}`,
  about: ({ payload }) => `the folder ${String(fieldsOf(payload).root)}`,
}
