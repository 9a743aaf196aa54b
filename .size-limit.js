/** A module that comes by `import()` is a chunk of its own, as in any bundler that splits code. */
const firstUse = {
  name: 'first use',
  setup: ({ onResolve }) =>
    onResolve({ filter: /./ }, ({ kind }) => (kind === 'dynamic-import' ? { external: true } : undefined)),
}

export default [
  {
    name: '@sessionwire/core with all its dependencies, without what is loaded on first use (such as ky)',
    path: 'packages/core/dist/index.js',
    limit: '50 kB',
    gzip: true,
    modifyEsbuildConfig: config => ({
      ...config,
      ...{ format: 'esm', platform: 'browser', target: 'es2023' },
      plugins: [firstUse],
    }),
  },
]
