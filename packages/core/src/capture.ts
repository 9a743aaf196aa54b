/**
 * Rules that the hooks of agent hosts and the recorders of agent frameworks have in common. They are pure.
 * @module capture
 */
export { type Commit, listCommits } from './capture/commits.ts'
export {
  type DataParts,
  dataFolderIn,
  type Homes,
  homeFolderIn,
  isAbsolute,
} from './capture/data-folder.ts'
