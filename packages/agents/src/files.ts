import type { ToolUse } from './options.ts'

/** Tools that write the files they name, in agents of any maker. */
const WRITING: ReadonlySet<string> = new Set([
  ...['Write', 'Edit', 'MultiEdit', 'NotebookEdit', 'apply_patch', 'write_file', 'edit_file', 'create_file'],
  ...['writeFile', 'editFile', 'createFile', 'replace', 'replace_string_in_file', 'insert_edit_into_file'],
  ...['str_replace_editor', 'str_replace_based_edit_tool'],
])
/** Commands of a tool that only looks. */
const READING: ReadonlySet<unknown> = new Set(['view', 'read', 'delete_file'])
const PATHS = ['file_path', 'path', 'filePath', 'filename', 'notebook_path'] as const

/** The file that a well-known tool wrote; contents are not looked at. */
export const listWritten = ({ tool, input }: ToolUse): readonly string[] => {
  if (!WRITING.has(tool) || typeof input !== 'object' || input === null) return []
  const fields = input as Readonly<Record<string, unknown>>
  if (READING.has(fields.command) || READING.has(fields.type)) return []
  const path = PATHS.map(name => fields[name]).find(value => typeof value === 'string' && value !== '')
  return typeof path === 'string' ? [path] : []
}

const toSlashes = (path: string): string => path.replaceAll('\\', '/')

/** A file's name for people: below the workspace its path in there, elsewhere its last two parts. */
export const nameFile = (path: string, workspace: string | undefined): string => {
  const file = toSlashes(path)
  const root = workspace === undefined ? undefined : toSlashes(workspace).replace(/\/$/, '')
  if (root !== undefined && file.startsWith(`${root}/`)) return file.slice(root.length + 1)
  const isAbsolute = file.startsWith('/') || /^[A-Za-z]:\//.test(file)
  return isAbsolute ? file.split('/').slice(-2).join('/') : file.replace(/^\.\//, '')
}
