import { build } from '../../tsup.base.ts'

export default build('index', 'adapter', 'delivery', 'render', 'sqlite', 'testing')
