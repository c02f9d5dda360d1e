// Holds the size of what an import of each package loads, minified and compressed with brotli.
const forNode = { modifyEsbuildConfig: (config) => ({ ...config, platform: 'node', format: 'esm' }) }

export default [
  { name: '@mcpvault/core', path: 'packages/core/dist/index.js', limit: '68 kB', ...forNode },
  { name: '@mcpvault/core/adapter', path: 'packages/core/dist/adapter/index.js', limit: '9 kB', ...forNode },
  { name: '@mcpvault/core/backup', path: 'packages/core/dist/backup/index.js', limit: '27 kB', ...forNode },
  { name: '@mcpvault/core/import', path: 'packages/core/dist/import/index.js', limit: '9 kB', ...forNode },
  { name: '@mcpvault/core/presets', path: 'packages/core/dist/presets/index.js', limit: '6 kB' },
  { name: '@mcpvault/core/testing', path: 'packages/core/dist/testing/index.js', limit: '40 kB', ...forNode },
  {
    name: '@mcpvault/sqlite without core',
    path: 'packages/sqlite/dist/index.js',
    limit: '20 kB',
    ignore: ['@mcpvault/core', '@mcpvault/core/adapter', 'libsql'],
    ...forNode,
  },
  {
    name: '@mcpvault/postgres without core',
    path: 'packages/postgres/dist/index.js',
    limit: '20 kB',
    ignore: ['@mcpvault/core', '@mcpvault/core/adapter'],
    ...forNode,
  },
  {
    name: '@mcpvault/mongo without core',
    path: 'packages/mongo/dist/index.js',
    limit: '20 kB',
    ignore: ['@mcpvault/core', '@mcpvault/core/adapter'],
    ...forNode,
  },
  {
    name: '@mcpvault/redis without core',
    path: 'packages/redis/dist/index.js',
    limit: '20 kB',
    ignore: ['@mcpvault/core', '@mcpvault/core/adapter'],
    ...forNode,
  },
  {
    name: '@mcpvault/aws-kms without core and the client',
    path: 'packages/aws-kms/dist/index.js',
    limit: '5 kB',
    ignore: ['@mcpvault/core', '@aws-sdk/client-kms'],
    ...forNode,
  },
  {
    name: '@mcpvault/vault-transit without core',
    path: 'packages/vault-transit/dist/index.js',
    limit: '5 kB',
    ignore: ['@mcpvault/core', '@mcpvault/core/adapter'],
    ...forNode,
  },
  {
    // The 2,048 English words are most of it.
    name: '@mcpvault/recovery without core',
    path: 'packages/recovery/dist/index.js',
    limit: '20 kB',
    ignore: ['@mcpvault/core'],
    ...forNode,
  },
  {
    name: '@mcpvault/mcp/oauth without core, zod and oauth4webapi',
    path: 'packages/mcp/dist/oauth/index.js',
    limit: '8 kB',
    ignore: ['@mcpvault/core', '@mcpvault/core/adapter', 'oauth4webapi', 'zod'],
    ...forNode,
  },
  {
    // zod and the writer of the OpenAPI document are left out with Hono.
    name: '@mcpvault/http without core and Hono',
    path: 'packages/http/dist/index.js',
    limit: '20 kB',
    ignore: ['@mcpvault/core', '@hono/zod-openapi', 'hono', 'rate-limiter-flexible', 'zod'],
    ...forNode,
  },
  { name: '@mcpvault/http/client', path: 'packages/http/dist/client/index.js', limit: '3 kB' },
  {
    name: '@mcpvault/mcp without core',
    path: 'packages/mcp/dist/index.js',
    limit: '15 kB',
    ignore: ['@mcpvault/core'],
    ...forNode,
  },
  {
    name: '@mcpvault/mcp/elicit without core',
    path: 'packages/mcp/dist/elicit/index.js',
    limit: '13 kB',
    ignore: ['@mcpvault/core', '@mcpvault/core/presets', '@modelcontextprotocol/sdk'],
    ...forNode,
  },
  {
    name: '@mcpvault/mcp/redact without core',
    path: 'packages/mcp/dist/redact/index.js',
    limit: '8 kB',
    ignore: ['@mcpvault/core'],
    ...forNode,
  },
  {
    name: '@mcpvault/mcp/run without core and cross-spawn',
    path: 'packages/mcp/dist/run/index.js',
    limit: '12 kB',
    ignore: ['@mcpvault/core', 'cross-spawn'],
    ...forNode,
  },
  {
    name: 'the settings page, all of its files',
    path: ['packages/http/dist/page/index.html', 'packages/http/dist/page/assets/*'],
    limit: '40 kB',
    gzip: true,
    // They are bundled already.
    disablePlugins: ['@size-limit/esbuild'],
  },
]
