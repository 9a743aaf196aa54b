// Prints the path of the oldest Node that the packages promise, and installs it where it is missing.
import { nodeBinary, OLDEST_NODE } from './install.ts'

console.log(nodeBinary(OLDEST_NODE))
