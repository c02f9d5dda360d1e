// The OpenAPI 3.1 document, from the same schemas that requests are checked by.
import type { Api } from './route.ts'

/** Made once; it is the same for every caller. */
export function openApiDocument(app: Api): ReturnType<Api['getOpenAPI31Document']> {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'MCPVault',
      version: '1',
      description: 'Secrets of MCP servers. No answer but that of reveal has a value.',
    },
    // Relative to where the document is, so that it holds under every base path.
    servers: [{ url: '../..' }],
  })
}
